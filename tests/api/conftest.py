from tests.ascii_art.conftest import fonts, letterer, weights  # noqa: F401  (fixtures)
from tests.evaluate.conftest import glyph_set, glyphs  # noqa: F401  (fixtures)
