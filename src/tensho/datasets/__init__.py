"""Data sets: the glyph set, and one module for each kind of training example."""
