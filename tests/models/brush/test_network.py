import dataclasses

import numpy as np
import pytest
import torch

from tensho.datasets.drafted_glyphs import DraftedGlyphs
from tensho.errors import TenshoError
from tensho.models.brush.network import FIRST_STEPS, REACH, Brush, BrushConfig
from tensho.train.loop import begin_from

TINY = BrushConfig(
    size=16, widths=(8, 16), blocks=1, condition_width=16, styles=("thin", "bold"), drop=0.0, contrast=1.0
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Brush(TINY)


def random_images(*shape):
    return torch.randint(0, 256, (*shape, 1, 16, 16), dtype=torch.uint8)


def batch(size=64):
    image = random_images(size)
    return {"image": image, "draft": image, "own_draft": image, "face": torch.zeros(size, dtype=torch.int64)}


def test_an_untrained_brush_gives_the_draft_back(model):
    draft = random_images(3)
    drawn = model.sample(3, condition={"own_draft": draft})
    torch.testing.assert_close(drawn, draft / 255, atol=1e-5, rtol=0)


def test_it_draws_as_finely_as_it_is_asked_to(model):
    fine = torch.randint(0, 256, (3, 1, 40, 40), dtype=torch.uint8)
    drawn = model.sample(3, condition={"own_draft": random_images(3), "fine": fine})
    torch.testing.assert_close(drawn, fine / 255, atol=1e-5, rtol=0)


def test_contrast_makes_grey_ink_or_paper():
    model = Brush(dataclasses.replace(TINY, contrast=2.0))
    greys = torch.tensor([0, 60, 120, 160, 200, 255], dtype=torch.uint8).repeat(256)[:256]
    drawn = model.sample(1, condition={"own_draft": greys.reshape(1, 1, 16, 16)})
    expected = (2 * (greys / 255 - 0.5) + 0.5).clamp(0, 1)
    torch.testing.assert_close(drawn.flatten(), expected, atol=1e-5, rtol=0)


def test_a_displacement_moves_ink_and_a_residual_adds_it(model):
    """With every output of the network 1, ink comes from `REACH` half sides to the right and below, plus 1."""
    with torch.no_grad():
        model.unet.outlet.bias.fill_(1)
    bar = torch.full((1, 1, 160, 160), -1.0)
    bar[:, :, 80:, 80:] = 1
    zeros = torch.zeros(1, 1, 16, 16)
    moved = model(zeros, torch.zeros(1), torch.zeros(1, 2, 16, 16), torch.zeros(1, dtype=torch.int64), bar)
    by = round(REACH * 80)
    expected = torch.full_like(bar, 0.0)
    expected[:, :, 80 - by : 160 - by, 80 - by : 160 - by] = 2
    torch.testing.assert_close(moved, expected, atol=1e-4, rtol=0)


def test_the_loss_is_nothing_when_the_estimate_is_right(model):
    """The untrained brush returns the draft, which here is the image itself."""
    (losses,) = model.training_step(batch(), 0)
    assert losses.total.item() == pytest.approx(0, abs=1e-10)


def test_the_loss_weighs_errors_by_the_time_that_is_left():
    """With a constant error of 2 the mean is ρ(2) E[1/max(1 - t, 1/2)] over the mixture of times."""
    model = Brush(dataclasses.replace(TINY, distort=0.0, neighbourhood=0.0))
    images = batch(4096)
    images["image"] = torch.full_like(images["image"], 255)
    images["draft"] = images["own_draft"] = torch.zeros_like(images["image"])
    (losses,) = model.training_step(images, 0)
    t = torch.sigmoid(torch.randn(1_000_000) - 2)
    later = 1 / (1 - t).clamp_min(0.5)
    expected = (4.01**0.5 - 0.1) * (FIRST_STEPS + (1 - FIRST_STEPS) * later.mean())
    assert losses.total.item() == pytest.approx(expected.item(), rel=0.05)


def test_ink_of_a_neighbourhood_is_charged_and_grey_beyond_the_glyphs_own():
    """An untrained brush copies the draft: grey g = 1 - 0² everywhere, where the glyph is all ink, and the reverse."""
    model = Brush(dataclasses.replace(TINY, distort=0.0, neighbourhood=3.0))
    images = batch(512)
    images["image"] = torch.full_like(images["image"], 255)
    images["draft"] = images["own_draft"] = torch.full_like(images["image"], 128)
    (charged,) = model.training_step(images, 0)
    images["image"], images["own_draft"] = images["own_draft"], images["image"]
    (free,) = model.training_step(images, 0)
    assert charged.parts["grey"].item() == pytest.approx(1, abs=1e-3)
    assert charged.parts["ink"].item() == pytest.approx(1, abs=0.01)
    assert free.parts["ink"].item() == pytest.approx(1, abs=0.01)
    assert charged.parts["first step"].item() == pytest.approx(free.parts["first step"].item(), rel=1e-3)
    assert charged.total.item() - free.total.item() == pytest.approx(3 * 1.05, rel=0.05)
    assert free.parts["grey"].item() == 0


def test_ink_in_another_place_of_the_neighbourhood_is_ink():
    model = Brush(dataclasses.replace(TINY, distort=0.0))
    images = batch(64)
    images["image"] = torch.zeros_like(images["image"])
    images["image"][..., 2::8] = 255
    images["draft"] = images["own_draft"] = images["image"].roll(3, -1)
    (losses,) = model.training_step(images, 0)
    assert losses.parts["first step"].item() > 0.4
    assert losses.parts["ink"].item() == pytest.approx(0, abs=1e-5)


def test_most_samples_are_at_the_first_step_and_see_nothing_of_the_glyph(model):
    images = batch(500)
    images["image"] = torch.full_like(images["image"], 255)
    images["draft"] = images["own_draft"] = torch.zeros_like(images["image"])
    times, seen = [], []
    model.time.register_forward_hook(lambda _module, given, _output: times.append(given[0]))
    model.unet.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    list(model.training_step(images, 0))
    first = times[0] == 0
    assert first.float().mean() == pytest.approx(FIRST_STEPS, abs=0.07)
    noisy = seen[0][first][:, : TINY.block**2]
    assert noisy.mean().item() == pytest.approx(-1, abs=0.01)
    assert noisy.std().item() == pytest.approx(TINY.roughness, rel=0.05)


def test_half_of_the_straight_samples_are_in_a_named_style_and_no_bent_one():
    model = Brush(dataclasses.replace(TINY, distort=0.4))
    seen = []
    model.style.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    list(model.training_step(batch(2000), 0))
    share = (seen[0] == model.as_the_draft).float().mean()
    assert share == pytest.approx(1 - 0.6 * 0.5, abs=0.05)


def test_the_reference_is_dropped_now_and_then():
    model = Brush(dataclasses.replace(TINY, drop=0.3))
    seen = []
    model.unet.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    list(model.training_step(batch(2000), 0))
    pixels = TINY.block**2
    blank = [(seen[0][:, k * pixels : (k + 1) * pixels] == -1).flatten(1).all(1) for k in (1, 2)]
    assert not blank[0].any()
    assert blank[1].float().mean() == pytest.approx(0.3, abs=0.05)


def test_the_network_sees_both_drafts(model):
    seen = []
    model.unet.register_forward_hook(lambda _module, given, _output: seen.append(given[0][:2]))
    draft, own = random_images(2, 2)
    model.sample(2, condition={"draft": draft, "own_draft": own})
    given = torch.nn.functional.pixel_shuffle(seen[0], TINY.block)
    torch.testing.assert_close(given[:, 1:], torch.cat([own, draft], 1) / 127.5 - 1)


class Faces(DraftedGlyphs):
    """Four glyphs, each in another face; the faces are not in the order of any brush's styles."""

    faces = ("comic", "bold", "thin", "comic-bold")
    shape = (1, 16, 16)

    def __init__(self):
        self.images = random_images(4)

    def __len__(self):
        return 4

    def batch(self, indices):
        image = self.images[indices]
        return {"image": image, "draft": image, "own_draft": image, "face": torch.from_numpy(indices)}


def test_a_face_of_the_data_is_the_style_of_its_name():
    """In training and in the drawings that a run shows of its data, whatever the data's order of faces is."""
    model, data = Brush(dataclasses.replace(TINY, distort=0.0)), Faces()
    model.prepare(data)
    styles = [model.as_the_draft, 1, 0, model.as_the_draft]
    batch = data.batch(np.arange(4))
    assert model.drawing_condition(batch)["style"].tolist() == styles
    seen = []
    model.style.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    for _ in range(20):  # half of the times each is drawn as the draft
        list(model.training_step(batch, 0))
    for face, style in enumerate(styles):
        assert {int(one[face]) for one in seen} == {style, model.as_the_draft}


def test_a_drawing_is_in_a_style_and_not_in_a_face(model):
    seen = []
    model.style.register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    given = {"own_draft": random_images(2), "style": torch.tensor([1, 0])}
    model.sample(2, condition=given)
    assert seen[0][:2].tolist() == [1, 0]
    with pytest.raises(TenshoError, match="face"):
        model.sample(2, condition={"face": torch.tensor([1, 0])})


def test_weights_to_begin_with_keep_what_they_know_of_a_style_by_its_name(tmp_path):
    """The same number of styles in another order; one that is new begins as the draft is, one that is gone is left out."""
    config = dataclasses.replace(TINY, styles=("thin", "bold", "pen"), adversarial=0.1)
    torch.manual_seed(0)
    first, model = Brush(config), Brush(dataclasses.replace(config, styles=("bold", "comic", "thin")))
    assert first.critic is not None
    assert model.critic is not None
    with torch.no_grad():
        first.critic.suits.weight.normal_()
    first.save(tmp_path / "first.safetensors")
    begin_from(model, str(tmp_path / "first.safetensors"))
    rows = [1, 3, 0, 3]
    for ours, theirs in ((model.style, first.style), (model.critic.suits, first.critic.suits)):
        torch.testing.assert_close(ours.weight, theirs.weight[rows], rtol=1e-3, atol=1e-6)
    other = Brush(dataclasses.replace(config, styles=("thin",), adversarial=0.0))
    begin_from(other, str(tmp_path / "first.safetensors"))
    torch.testing.assert_close(other.style.weight, first.style.weight[[0, 3]], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(other.unet.state_dict(), first.unet.state_dict(), rtol=1e-3, atol=1e-3)


def test_a_style_that_was_not_trained_on_is_drawn_as_the_draft_is(model):
    assert model.style_index("bold") == 1
    assert model.style_index("comic") == model.as_the_draft


@pytest.mark.parametrize(
    "change",
    [{"size": 10}, {"widths": (7,)}, {"drop": 1.0}, {"evaluations": 0}, {"styles": ()}, {"contrast": 0.0}],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)
