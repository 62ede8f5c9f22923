from tests.export.conftest import draw, faces, glyphs, made  # noqa: F401  (fixtures)
