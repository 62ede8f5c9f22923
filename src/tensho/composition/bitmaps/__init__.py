"""Drafts of characters from bitmaps of parts: cut out of donor characters, scaled into boxes and put together."""
