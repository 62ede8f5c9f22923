from tests.export.conftest import draw, faces, glyphs  # noqa: F401  (fixtures)
