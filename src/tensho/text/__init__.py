"""Meanings in English, sentence embeddings, and text as grids of ASCII symbols."""
