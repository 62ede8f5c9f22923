"""Glyphs as things that other programs open: outlines, SVG, fonts, books, animations, pictures."""
