"""Families that learn the faces of their data apart."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.models.ddpm import Ddpm, DdpmConfig
from tensho.models.gan import Gan, GanConfig
from tensho.models.vae import Vae, VaeConfig
from tensho.models.walkback import Walkback, WalkbackConfig
from tensho.seeds import SampleNoise
from tensho.train.loop import train
from tensho.train.settings import RunSettings

STYLES = ("gothic", "mincho")
CONFIGS: dict[Any, Any] = {
    Ddpm: DdpmConfig(size=16, widths=(8,), blocks=1, condition_width=8, noise_steps=20, evaluations=2),
    Gan: GanConfig(size=16, latent=3, generator_widths=(16, 8), discriminator_widths=(8, 16)),
    Vae: VaeConfig(size=16, widths=(8, 16), latent=3),
    Walkback: WalkbackConfig(size=16, net="unet", features=1, levels=3, temperatures=2, cycles=1),
}
CONFIGS = {kind: dataclasses.replace(config, style_drop=0.1) for kind, config in CONFIGS.items()}
STYLED = [pytest.param(kind, id=kind.family) for kind in CONFIGS]


class Faces:
    """A data set of two faces, in another order than the styles'."""

    digest, shape, faces = "0" * 64, (1, 16, 16), ("mincho", "gothic")

    def __len__(self):
        return 6

    def batch(self, indices):
        images = torch.zeros(len(indices), 1, 16, 16, dtype=torch.uint8)
        return {"image": images, "face": torch.from_numpy(indices % 2)}


def styled(kind, **changes):
    torch.manual_seed(0)
    model = kind(dataclasses.replace(CONFIGS[kind], styles=STYLES, **changes))
    with torch.no_grad():
        for parameter in model.parameters():  # some start at zero
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


@pytest.mark.parametrize("kind", STYLED)
def test_the_faces_of_the_data_are_the_styles(kind):
    model = kind(CONFIGS[kind])
    assert model.spec.conditions == ()
    assert model.config_for(Faces()).styles == ("mincho", "gothic")
    assert kind(model.config_for(Faces())).spec.conditions == ("style",)


def test_the_published_walkback_and_who_drops_all_learn_no_styles():
    published = dataclasses.replace(CONFIGS[Walkback], net="small")
    assert Walkback(published).config_for(Faces()).styles == ()
    assert Gan(dataclasses.replace(CONFIGS[Gan], style_drop=1.0)).config_for(Faces()).styles == ()


@pytest.mark.parametrize("kind", STYLED)
def test_a_drawing_is_in_the_style_that_is_asked_for(kind):
    model = styled(kind)
    gothic, mincho = (model.sample(2, condition={"style": torch.full((2,), index)}) for index in (0, 1))
    assert not torch.allclose(gothic, mincho)


@pytest.mark.parametrize("kind", STYLED)
def test_a_drawing_in_no_style_takes_one_as_often_as_the_data_had_it(kind):
    model = styled(kind)
    model.style_share = torch.tensor([0.75, 0.25])
    chosen = model.wanted_styles(SampleNoise(0, range(4000)), None)
    assert (chosen == 0).float().mean().item() == pytest.approx(0.75, abs=0.04)
    free = model.sample(4, seed=3)
    noise = SampleNoise(3, range(16))
    told = model.draw(noise, condition={"style": model.wanted_styles(SampleNoise(3, range(16)), None)})
    assert free.shape == told[:4].shape


@pytest.mark.parametrize("kind", STYLED)
def test_training_is_told_the_styles_by_their_names_and_some_samples_none(kind):
    model = styled(kind, style_drop=0.25)
    model.prepare(Faces())
    told = model.told_styles(Faces().batch(np.arange(8000)))
    assert (told == model.any_style).float().mean().item() == pytest.approx(0.25, abs=0.03)
    # Face 0 of the data is mincho, style 1.
    assert set(told[0::2].tolist()) == {1, model.any_style}
    assert set(told[1::2].tolist()) == {0, model.any_style}


def test_the_share_of_a_style_is_learned():
    model = styled(Gan)
    for _ in range(2000):
        model.told_styles({"image": torch.zeros(4, 1, 16, 16), "face": torch.tensor([0, 0, 0, 1])})
    torch.testing.assert_close(model.style_share, torch.tensor([0.75, 0.25]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", STYLED)
def test_weights_are_begun_with_by_the_styles_names(kind):
    former = styled(kind)
    model = kind(dataclasses.replace(CONFIGS[kind], styles=("kai", "mincho")))
    model.begin_with(former)
    torch.testing.assert_close(model.style.weight[1], former.style.weight[1])
    torch.testing.assert_close(model.style.weight[0], former.style.weight[former.any_style])


@pytest.mark.parametrize("kind", STYLED)
def test_a_style_that_was_not_learned_is_refused_by_name(kind):
    with pytest.raises(TenshoError, match="no style 'kai'; they know gothic, mincho"):
        styled(kind).style_index("kai")
    with pytest.raises(TenshoError, match="on 'style'"):
        kind(CONFIGS[kind]).sample(1, condition={"style": torch.zeros(1, dtype=torch.int64)})


def test_a_style_is_told_apart_by_what_it_was_trained_on(tmp_path):
    """Of a face that is black and one that is white, each is drawn when it is asked for."""

    class Tones(Faces):
        def batch(self, indices):
            face = torch.from_numpy(indices % 2)
            ink = torch.where(face == 0, 255, 0).to(torch.uint8)
            return {"image": ink[:, None, None, None].expand(-1, 1, 16, 16), "face": face}

    model = Vae(dataclasses.replace(CONFIGS[Vae], styles=Tones.faces, style_drop=0.0))
    settings = RunSettings(precision="fp32", sample_every=0, device="cpu")
    trained = train(
        model,
        Tones(),
        Recipe(steps=80, batch_size=16, learning_rate=5e-3, warmup=0, ema=0.0),
        settings,
        tmp_path,
    ).model
    assert isinstance(trained, Vae)
    black, white = (
        trained.sample(2, condition={"style": torch.full((2,), index)}).mean() for index in (0, 1)
    )
    assert black > 0.7
    assert white < 0.3
