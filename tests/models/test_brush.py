import dataclasses

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.brush import Brush, BrushConfig

TINY = BrushConfig(size=16, widths=(8, 16), blocks=1, condition_width=16, styles=("thin", "bold"), drop=0.0)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Brush(TINY)


def batch(size=64):
    image = torch.randint(0, 256, (size, 1, 16, 16), dtype=torch.uint8)
    return {"image": image, "draft": image, "own_draft": image, "face": torch.zeros(size, dtype=torch.int64)}


def test_an_untrained_brush_gives_the_draft_back(model):
    draft = torch.randint(0, 256, (3, 1, 16, 16), dtype=torch.uint8)
    drawn = model.sample(3, condition={"draft": draft})
    torch.testing.assert_close(drawn, draft / 255, atol=1e-5, rtol=0)


def test_the_loss_is_nothing_when_the_estimate_is_right(model):
    """The untrained brush returns the draft, which here is the image itself."""
    (losses,) = model.training_step(batch(), 0)
    assert losses.total.item() == pytest.approx(0, abs=1e-10)


def test_the_loss_weighs_errors_by_the_time_that_is_left(model):
    """With a constant error of 2 the mean is ρ(2) E[1/max(1 - t, 1/2)] over t = sigmoid(N(-0.8, 1))."""
    images = batch(4096)
    images["image"] = torch.full_like(images["image"], 255)
    images["draft"] = images["own_draft"] = torch.zeros_like(images["image"])
    (losses,) = model.training_step(images, 0)
    t = torch.sigmoid(torch.randn(1_000_000) - 0.8)
    expected = (4.01**0.5 - 0.1) / (1 - t).clamp_min(0.5)
    expected = expected.mean()
    assert losses.total.item() == pytest.approx(expected.item(), rel=0.05)


def test_half_of_the_samples_follow_the_draft_and_have_no_style(model):
    seen = []
    model.style.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    list(model.training_step(batch(2000), 0))
    share = (seen[0] == model.as_the_draft).float().mean()
    assert share == pytest.approx(0.5, abs=0.05)


def test_drops_are_drawn_for_each_sample():
    model = Brush(dataclasses.replace(TINY, drop=0.5))
    seen = []
    model.unet.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    list(model.training_step(batch(2000), 0))
    pixels = TINY.block**2
    blank = [(seen[0][:, k * pixels : (k + 1) * pixels] == -1).flatten(1).all(1) for k in (1, 2)]
    assert blank[0].float().mean() == pytest.approx(0.5, abs=0.05)
    # The reference is there for the half that follows a face's own draft, unless either was dropped.
    assert blank[1].float().mean() == pytest.approx(1 - 0.5**3, abs=0.05)
    assert blank[1][blank[0]].all()


def test_a_face_is_continued_from_drafts_of_its_own_parts_with_the_reference_beside_them(model):
    seen = []
    model.unet.register_forward_hook(lambda _module, given, _output: seen.append(given[0][:2]))
    draft, own = torch.randint(0, 256, (2, 2, 1, 16, 16), dtype=torch.uint8)
    drawn = model.sample(2, condition={"draft": draft, "own_draft": own})
    torch.testing.assert_close(drawn, own / 255, atol=1e-5, rtol=0)
    given = torch.nn.functional.pixel_shuffle(seen[0], TINY.block)
    torch.testing.assert_close(given[:, 1:], torch.cat([own, draft], 1) / 127.5 - 1)


def test_unknown_styles_are_refused(model):
    assert model.style_index("bold") == 1
    with pytest.raises(TenshoError, match="thin, bold"):
        model.style_index("comic")


@pytest.mark.parametrize(
    "change", [{"size": 10}, {"widths": (7,)}, {"drop": 1.0}, {"evaluations": 0}, {"styles": ()}]
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)
