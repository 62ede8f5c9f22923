from tests.ascii_art.conftest import fonts, letterer, weights  # noqa: F401  (fixtures)
