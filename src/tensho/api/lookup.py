"""`nearest`: the encoded characters that a glyph looks like, and whether it exists already."""

from tensho.lookup.landscape import Landscape, landscape, places
from tensho.lookup.verdict import LookupResult, look_up, look_up_glyphs, nearest

__all__ = ["Landscape", "LookupResult", "landscape", "look_up", "look_up_glyphs", "nearest", "places"]
