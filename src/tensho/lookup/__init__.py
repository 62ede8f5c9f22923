"""Lookup of the nearest encoded characters, and whether a glyph exists already."""
