from __future__ import annotations

import json
import shutil

import pytest

from tensho.errors import TenshoError
from tensho.finetune.checkpoint import open_checkpoint


@pytest.fixture
def copy(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "copy")
    return tmp_path / "copy"


def refused(base) -> str:
    with pytest.raises(TenshoError) as caught:
        open_checkpoint(str(base))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edit(file, **values):
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_a_checkpoint_opens_with_its_own_scheduler_and_no_safety_checker(tiny):
    opened = open_checkpoint(str(tiny))
    assert (opened.size, opened.factor) == (32, 4)
    assert type(opened.scheduler).__name__ == "PNDMScheduler"
    assert opened.pipeline().safety_checker is None
    assert opened.fingerprint == open_checkpoint(str(tiny)).fingerprint


def test_what_is_missing_is_named(copy, tmp_path):
    assert "there is no folder" in refused(tmp_path / "nowhere")
    assert "there is no folder" in refused("nowhere")
    (tmp_path / "empty").mkdir()
    assert "model_index.json" in refused(tmp_path / "empty")
    (copy / "vae" / "config.json").unlink()
    assert "vae/config.json" in refused(copy)
    shutil.rmtree(copy / "tokenizer")
    assert "tokenizer" in refused(copy)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_truncated_part_is_named(copy, part):
    (weights,) = (copy / part).glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])
    assert f"{part} of" in refused(copy)


def test_pickles_are_refused_unread(copy, tmp_path):
    (weights,) = (copy / "unet").glob("*.safetensors")
    weights.unlink()
    assert "lacks unet" in refused(copy)
    (copy / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"not even a pickle")
    assert "pickle" in refused(copy)
    single = tmp_path / "v1-4.ckpt"
    single.write_bytes(b"")
    assert "pickle" in refused(single)
    (copy / "model_index.json").unlink()
    (copy / "v1-4.ckpt").write_bytes(b"")
    assert "pickle" in refused(copy)


def test_other_architectures_are_refused(copy):
    edit(copy / "model_index.json", _class_name="StableDiffusionXLPipeline")
    assert "StableDiffusionXLPipeline" in refused(copy)
    (copy / "model_index.json").write_text("{")
    assert "damaged" in refused(copy)


def test_a_u_net_for_inpainting_is_refused(copy):
    from diffusers import UNet2DConditionModel

    config = UNet2DConditionModel.load_config(copy / "unet")
    UNet2DConditionModel.from_config({**config, "in_channels": 9}).save_pretrained(copy / "unet")
    assert "9 channels" in refused(copy)


def test_settings_that_do_not_fit_the_weights_are_refused(copy):
    edit(copy / "unet" / "config.json", block_out_channels=[32, 128])
    assert "unet of" in refused(copy)


def test_without_a_network_it_says_so(monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    assert "hub cannot be reached" in refused("nobody/nothing")
    assert "neither a folder nor a name" in refused("no body/no thing")
