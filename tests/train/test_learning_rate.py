"""The learning rate over a run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.models.base import Recipe
from tensho.train.learning_rate import learning_rate_factor


@pytest.mark.parametrize(
    ("step", "factor"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (60, 1.0), (70, 0.75), (80, 0.5), (99, 0.025)],
)
def test_warm_up_plateau_and_fall(step, factor):
    recipe = Recipe(steps=100, warmup=10, anneal=0.4)
    assert learning_rate_factor(recipe, step, step / 100) == pytest.approx(factor)


def test_without_warm_up_and_fall():
    recipe = Recipe(warmup=0, anneal=0.0)
    assert {learning_rate_factor(recipe, step, step / 100) for step in range(100)} == {1.0}


@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True), st.floats(0, 1), st.integers(0, 100))
def test_it_is_positive_and_at_most_the_peak(step, progress, anneal, warmup):
    assert 0 < learning_rate_factor(Recipe(anneal=anneal, warmup=warmup), step, progress) <= 1
