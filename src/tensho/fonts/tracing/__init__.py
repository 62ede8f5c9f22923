"""Bitmaps traced to Bézier outlines."""
