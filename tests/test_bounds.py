# mypy: disable-error-code="arg-type"
import numpy as np
import pytest

import tensho
from tensho.bounds import check_total, check_whole
from tensho.errors import TenshoError


@pytest.mark.parametrize("value", [1, 5, np.int64(3)])
def test_whole_numbers_in_range_pass(value):
    check_whole("--steps", value, 1, 5)


@pytest.mark.parametrize("value", [0, 6, 10**12, "x", 2.0, None, float("nan")])
def test_everything_else_is_named_and_refused(value):
    with pytest.raises(TenshoError, match="--steps"):
        check_whole("--steps", value, 1, 5)


def test_what_fits_into_no_memory_is_refused():
    check_total(100_000, 128)
    with pytest.raises(TenshoError, match="6,711 GB"):
        check_total(100_000, 4096)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tensho.compose(5), "description"),
        (lambda: tensho.compose("龍", size="x"), "--size"),
        (lambda: tensho.compose("龍", size=10**9), "--size"),
        (lambda: tensho.compose("龍", seed="x"), "--seed"),
        (lambda: tensho.compose("龍", face=5), "no path"),
        (lambda: tensho.compose("龍", model=5), "unknown model"),
        (lambda: tensho.compose("龍", runtime="cobol"), "runtime"),
        (lambda: tensho.dream(2, seed="x"), "--seed"),
        (lambda: tensho.dream("2"), "-n"),
        (lambda: tensho.dream(10**9), "-n"),
        (lambda: tensho.dream(1, steps=10**9), "--steps"),
        (lambda: tensho.dream(2, style=5), "unknown style"),
        (lambda: tensho.nearest(5), "no path"),
        (lambda: tensho.nearest("龍", k=10**12), "-k"),
        (lambda: tensho.describe(5), "no path"),
        (lambda: tensho.describe("龍", k=10**12), "-k"),
        (lambda: tensho.load(5), "no path"),
        (lambda: tensho.ascii(5), "no text"),
        (lambda: tensho.ascii("x", width=10**12), "--width"),
        (lambda: tensho.ascii("x", seed="x"), "--seed"),
        (lambda: tensho.ascii("x", steps=10**9), "--steps"),
        (lambda: tensho.write(5), "no text"),
        (lambda: tensho.write("moon", n=10**9), "-n"),
        (lambda: tensho.adapt(5), "no path"),
        (lambda: tensho.adapt("x.ttf", minutes=0), "--minutes is 0"),
        (lambda: tensho.adapt("x.ttf", minutes=-1), "--minutes is -1"),
        (lambda: tensho.adapt("x.ttf", n=10**12), "-n"),
        (lambda: tensho.complete(5), "no font file"),
    ],
)
def test_the_library_refuses_what_makes_no_sense_before_it_begins(call, said):
    with pytest.raises(TenshoError, match=said):
        call()
