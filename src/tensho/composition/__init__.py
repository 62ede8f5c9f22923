"""Parts of glyphs: cut out of donor characters, laid out and put together into drafts."""
