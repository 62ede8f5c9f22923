"""Measures of generated glyphs: distances, copying, structure and a two-sample test, beside controls."""
