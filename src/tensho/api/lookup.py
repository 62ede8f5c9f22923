"""`nearest`: the encoded characters that a glyph looks like, and whether it exists already."""

from tensho.fonts.coverage.blocks import encoded, short_name
from tensho.fonts.coverage.installed import InstalledFont, fonts_with
from tensho.fonts.ink_picture import names_folder, pictures_in
from tensho.lookup.landscape import Landscape, landscape, places
from tensho.lookup.verdict import (
    Found,
    LookupResult,
    Verdict,
    look_up,
    look_up_all,
    look_up_glyphs,
    nearest,
    where_encoded,
)

__all__ = [
    "Found",
    "InstalledFont",
    "Landscape",
    "LookupResult",
    "Verdict",
    "encoded",
    "fonts_with",
    "landscape",
    "look_up",
    "look_up_all",
    "look_up_glyphs",
    "names_folder",
    "nearest",
    "pictures_in",
    "places",
    "short_name",
    "where_encoded",
]
