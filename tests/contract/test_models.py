"""One suite over every family that draws images: what the score sheet, the command line and the studio rely on."""

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.registry import FAMILIES
from tests.contract.families import exercised


@pytest.fixture(params=sorted(name for name, row in FAMILIES.items() if row.draws))
def model(request):
    return exercised(request.param)


def test_samples_are_images_of_the_stated_shape(model):
    images = model.sample(3, seed=1)
    assert images.shape == (3, *model.spec.shape)
    assert images.dtype == torch.float32
    assert images.min() >= 0
    assert images.max() <= 1


def test_a_sample_depends_on_its_seed_and_index_alone(model):
    many = model.sample(model.chunk + 3, seed=5)
    assert torch.equal(many, model.sample(model.chunk + 3, seed=5))
    assert torch.equal(many[:4], model.sample(4, seed=5))
    assert torch.equal(many[-2:], model.sample(2, seed=5, first=model.chunk + 1))
    assert not torch.equal(many[:4], model.sample(4, seed=6))


def test_sampling_leaves_the_model_and_the_random_state_alone(model):
    model.train()
    state, generator = {k: v.clone() for k, v in model.state_dict().items()}, torch.get_rng_state()
    model.sample(2)
    assert model.training
    assert torch.equal(generator, torch.get_rng_state())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_a_drawing_that_fails_leaves_the_mode_as_it_was(model):
    class Stopped(Exception):
        pass

    def stop(_):
        raise Stopped

    for training in (True, False):
        model.train(training)
        with pytest.raises(Stopped):
            model.sample(1, progress=stop)
        assert model.training is training


def test_progress_counts_what_was_asked_for(model):
    counts: list[int] = []
    model.sample(model.chunk + 1, progress=counts.append)
    assert sum(counts) == model.chunk + 1


@pytest.mark.parametrize(
    "request_", [{"n": 0}, {"n": -3}, {"n": 1, "steps": 0}, {"n": 1, "condition": {"x": torch.zeros(1)}}]
)
def test_requests_that_make_no_sense_are_refused(model, request_):
    with pytest.raises(TenshoError):
        model.sample(**request_)
