from tests.evaluate.conftest import glyph_set, glyphs  # noqa: F401  (fixtures)
