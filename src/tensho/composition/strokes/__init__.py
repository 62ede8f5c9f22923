"""Ordered, directed strokes of characters that are described: KanjiVG's strokes of the parts, where the layout puts them."""
