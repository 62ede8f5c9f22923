"""Adds characters to a font that is already a file: outlines, metrics, ligatures, names and a review sheet."""
