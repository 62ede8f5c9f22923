"""Fonts and other sources of glyphs, rendered as bitmaps."""
