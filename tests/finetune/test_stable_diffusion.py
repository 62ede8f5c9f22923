from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tensho.datasets.pairs import build_pairs
from tensho.errors import TenshoError
from tensho.finetune.learner import ADAPTED, PATIENCE, Learner
from tensho.finetune.recipes import RECIPES, FineTuning, recipe_for
from tensho.finetune.sampling import draw_prompt
from tensho.finetune.stable_diffusion import finetune
from tensho.train.checkpoint import read_checkpoint
from tensho.train.settings import RunSettings

# Of NumPy, about how diffusers makes its schedules.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SETTINGS = RunSettings(device="cpu", precision="fp32", log_every=2, save_every=2, sample_every=0)
FULL = FineTuning(steps=6, batch_size=4, learning_rate=3e-3, warmup=2, anneal=0.5, ema=0.5)
ADAPTERS = FineTuning(
    steps=6,
    batch_size=2,
    accumulate=2,
    lora=4,
    learning_rate=3e-2,
    warmup=0,
    ema=0.5,
    gradient_checkpointing=True,
)


def tuned(tiny, pairs, folder, tuning=FULL, settings=SETTINGS):
    return finetune(str(tiny), pairs, tuning, settings, folder)


def state(folder):
    checkpoint = read_checkpoint(folder / "checkpoint.safetensors")
    assert checkpoint is not None
    return checkpoint


def log(folder):
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    timing = {"minutes", "images per second", "seconds per step", "memory in GB"}
    return [{key: value for key, value in line.items() if key not in timing} for line in lines]


def assert_same_run(folder, reference):
    ours, theirs = state(folder), state(reference)
    assert ours.tensors.keys() == theirs.tensors.keys()
    for name, tensor in ours.tensors.items():
        assert torch.equal(tensor, theirs.tensors[name]), name
    untimed = {"elapsed": 0, "seconds per step": 0}
    assert {**ours.state, **untimed} == {**theirs.state, **untimed}
    assert log(folder) == log(reference)


@pytest.fixture(scope="module")
def full(tiny, pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "full"
    return folder, tuned(tiny, pairs, folder)


@pytest.fixture(scope="module")
def adapters(tiny, pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lora"
    settings = dataclasses.replace(SETTINGS, precision="bf16", sample_every=6)
    return folder, tuned(tiny, pairs, folder, ADAPTERS, settings)


def test_the_validation_loss_falls_whatever_is_trained(tiny, pairs, full, tmp_path):
    before, after = full[1].loss
    assert after < 0.97 * before
    long = FineTuning(steps=30, batch_size=8, lora=8, learning_rate=2e-2, warmup=2, ema=0.5)
    before, after = tuned(tiny, pairs, tmp_path / "run", long).loss
    assert after < 0.97 * before


def test_it_tells_what_it_cost(full):
    folder, told = full
    assert (told.steps, told.images_seen) == (6, 24)
    assert told.seconds_per_step > 0
    assert told.memory > 1e8
    assert [line["step"] for line in log(folder)] == [2, 4, 6]
    assert all(np.isfinite(list(line.values())).all() for line in log(folder))


@pytest.mark.parametrize("blow", ["kill", "interrupt"])
@pytest.mark.parametrize(("tuning", "reference"), [(FULL, "full"), (ADAPTERS, "adapters")])
def test_stopped_and_resumed_is_as_never_stopped(
    tiny, pairs, tmp_path, monkeypatch, request, blow, tuning, reference
):
    folder, _ = request.getfixturevalue(reference)
    settings = SETTINGS if tuning is FULL else dataclasses.replace(SETTINGS, precision="bf16")
    update, updates = Learner.update, []

    def struck(self, factor):
        updates.append(factor)
        if len(updates) == 5 and blow == "kill":
            raise RuntimeError("killed")
        if len(updates) == 3 and blow == "interrupt":
            signal.raise_signal(signal.SIGINT)
        return update(self, factor)

    with monkeypatch.context() as patch:
        patch.setattr(Learner, "update", struck)
        with pytest.raises((RuntimeError, KeyboardInterrupt)):
            tuned(tiny, pairs, tmp_path, tuning, settings)
    assert state(tmp_path).state["step"] in (0, 3, 4)
    tuned(tiny, pairs, tmp_path, tuning, settings)
    assert_same_run(tmp_path, folder)
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.slow
def test_killed_by_the_system_and_resumed_is_as_never_stopped(tiny, pairs, tmp_path):
    folder = tmp_path / "killed"
    command = ["-m", "tensho", "finetune", "stable-diffusion", "--base", tiny, "--data", pairs, "--full"]
    flags: dict[str, object] = {
        "steps": 40,
        "batch-size": 4,
        "learning-rate": 3e-3,
        "warmup": 2,
        "anneal": 0.5,
        "ema": 0.5,
    }
    flags |= {"log-every": 2, "save-every": 3, "sample-every": 0, "device": "cpu", "precision": "fp32"}
    given = [text for name, value in (flags | {"out": folder}).items() for text in (f"--{name}", str(value))]
    process = subprocess.Popen([sys.executable, *map(str, command), *given], stderr=subprocess.PIPE)
    while not ((folder / "log.jsonl").is_file() and (folder / "log.jsonl").stat().st_size):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert 0 <= state(folder).state["step"] < 40
    long, settings = dataclasses.replace(FULL, steps=40), dataclasses.replace(SETTINGS, save_every=3)
    tuned(tiny, pairs, folder, long, settings)
    tuned(tiny, pairs, tmp_path / "whole", long, settings)
    assert_same_run(folder, tmp_path / "whole")
    assert not list(folder.rglob(".*"))


def test_all_weights_learn_or_only_the_adapters(full, adapters):
    trained = {name for name in state(full[0]).tensors if name.startswith("weights/")}
    assert "weights/conv_in.weight" in trained
    adapted = {name for name in state(adapters[0]).tensors if name.startswith("weights/")}
    assert adapted
    assert all("lora_" in name and any(layer in name for layer in ADAPTED) for name in adapted)


FRESH = """
import json, sys
import torch
from diffusers import StableDiffusionPipeline
full, base, lora, out = sys.argv[1:]
torch.set_num_threads(1)

def denoised(pipeline):
    generator = torch.Generator().manual_seed(0)
    texts = pipeline.encode_prompt("upright bar 9", "cpu", 1, False)[0]
    with torch.no_grad():
        return pipeline.unet(torch.randn(1, 4, 8, 8, generator=generator), 500, texts).sample

def plain(folder):
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline

pipeline = plain(full)
pipeline("level bar 9", num_inference_steps=2, height=32, width=32).images[0].save(out)
adapted = plain(base)
first = denoised(adapted)
adapted.load_lora_weights(lora)
separate = denoised(adapted)
adapted.fuse_lora()
adapted.unload_lora_weights()
merged = denoised(adapted)
print(json.dumps([(separate - first).abs().max().item(), (separate - merged).abs().max().item()]))
"""


def test_plain_diffusers_opens_the_result_in_a_fresh_process(tiny, full, adapters, tmp_path):
    paths = [full[1].folder, tiny, adapters[1].folder, tmp_path / "bar.png"]
    done = subprocess.run(
        [sys.executable, "-c", FRESH, *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    effect, difference = json.loads(done.stdout.splitlines()[-1])
    assert effect > 1e-2
    assert difference < 1e-4
    with Image.open(tmp_path / "bar.png") as picture:
        assert picture.size == (32, 32)


def test_what_was_trained_is_what_is_written(full):
    from safetensors.torch import load_file

    written = load_file(full[1].folder / "unet" / "diffusion_pytorch_model.safetensors")
    averages = state(full[0]).below("average/")
    assert written.keys() == averages.keys()
    assert all(torch.equal(written[name], averages[name]) for name in written)


def test_both_kinds_of_results_draw(full, adapters):
    for folder, _ in (full, adapters):
        sheet = draw_prompt(2, "upright bar 9", model=str(folder), seed=3, steps=2)
        alone = draw_prompt(1, "upright bar 9", model=str(folder), seed=3, steps=2)
        assert sheet[0].array.shape == (32, 32, 3)
        assert np.array_equal(sheet[0].array, alone[0].array)
        assert not np.array_equal(sheet[0].array, sheet[1].array)
    with pytest.raises(TenshoError, match="no Stable Diffusion"):
        draw_prompt(1, "bar", model="nowhere")
    with pytest.raises(TenshoError, match="0 pictures"):
        draw_prompt(0, "bar", model=str(full[0]))


def test_dream_draws_what_it_is_told_to(full, tmp_path, capfd):
    from tensho.cli import main

    command = ["dream", "--model", str(full[0]), "-n", "2", "--steps", "2", "-o", str(tmp_path / "bars.png")]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "--prompt" in capfd.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main([*command, "--prompt", "level bar 9"])
    assert ended.value.code == 0
    with Image.open(tmp_path / "bars.png") as sheet:
        assert sheet.size == (304, 160)


def test_the_validation_prompts_are_drawn(adapters):
    with Image.open(adapters[0] / "samples" / "step-000006.png") as sheet:
        assert sheet.width > 400


def test_the_card_says_where_it_comes_from(tiny, full, adapters):
    for _, told in (full, adapters):
        card = (told.folder / "README.md").read_text()
        assert f'base_model: "{tiny}"' in card
        assert "KANJIDIC2" in card


def test_a_folder_keeps_to_its_run(tiny, pairs, full):
    with pytest.raises(TenshoError, match=r"batch size 4, not 5"):
        tuned(tiny, pairs, full[0], FineTuning(steps=6, batch_size=5))


def test_a_gradient_that_stays_infinite_ends_the_run(tiny, pairs, tmp_path):
    with pytest.raises(TenshoError, match=f"{PATIENCE} times in a row"):
        tuned(tiny, pairs, tmp_path, FineTuning(steps=50, batch_size=1, learning_rate=1e30, clip=1e30))


def test_bad_settings_and_bad_input_are_one_line(tiny, pairs, tmp_path, capfd):
    from tensho.cli import main

    asked = [
        "finetune",
        "stable-diffusion",
        "--base",
        str(tiny),
        "--data",
        str(pairs),
        "-o",
        str(tmp_path / "r"),
    ]
    for more, message in (
        ([], "--full for all weights"),
        (["--full", "--lora", "4"], "--full for all weights"),
        (["--lora", "0"], "--lora is 0"),
        (["--full", "--size", "33"], "multiple of 8"),
        (["--full", "--recipe", "best"], "no recipe 'best'"),
        (["--full", "--data", str(tmp_path / "nowhere")], "there is no folder"),
        (["--full", "--base", str(tmp_path / "nowhere")], "there is no folder"),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*asked, *more])
        told = capfd.readouterr().err
        assert ended.value.code == 2
        assert told.startswith("tensho: error: ")
        assert message in told
        assert told.count("\n") == 1
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("own", [True, False])
def test_own_pictures_and_pairs_of_few_characters_are_trained_on(tiny, pairs, tmp_path, capfd, own):
    from tensho.cli import main

    data = tmp_path / "data"
    if own:  # pictures beside one metadata.jsonl
        shutil.copytree(pairs / "train", data)
    else:
        build_pairs(data, size=64, origin="strokes", characters="水心道国風飛", processes=1)
        assert not (data / "validation").exists()
    command = ["finetune", "stable-diffusion", "--base", tiny, "--data", data, "--full", "--size", 32]
    command += ["-o", tmp_path / "run", "--steps", 1, "--batch-size", 2, "--sample-every", 0]
    command += ["--device", "cpu", "--precision", "fp32"]
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in command])
        told = capfd.readouterr()
        assert ended.value.code == 0, told.err
        assert ("2 of 24 pairs are held back" if own else "few pictures") in told.err
        assert "validation loss" in told.out
    assert (tmp_path / "run" / "pipeline" / "model_index.json").is_file()


def test_a_stock_training_step_of_diffusers_reads_our_pairs(tiny, tmp_path):
    datasets = pytest.importorskip("datasets")
    from diffusers import DDPMScheduler, StableDiffusionPipeline

    build_pairs(tmp_path / "set", size=64, origin="strokes", characters="水心道国風飛", processes=1)
    where = {"data_dir": str(tmp_path / "set"), "cache_dir": str(tmp_path / "cache")}
    pairs = datasets.load_dataset("imagefolder", split="train", **where)
    base = StableDiffusionPipeline.from_pretrained(tiny, safety_checker=None)

    def collated(rows):
        pictures = [np.array(row["image"].convert("RGB").resize((32, 32))) for row in rows]
        pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
        texts = [row["text"] for row in rows]
        length = base.tokenizer.model_max_length
        ids = base.tokenizer(
            texts, max_length=length, padding="max_length", truncation=True, return_tensors="pt"
        )
        return pixels, ids.input_ids

    pixels, ids = next(iter(torch.utils.data.DataLoader(pairs, batch_size=4, collate_fn=collated)))
    latents = base.vae.encode(pixels).latent_dist.sample() * base.vae.config.scaling_factor
    noise, t = torch.randn_like(latents), torch.randint(0, 1000, (4,))
    noised = DDPMScheduler.from_config(base.scheduler.config).add_noise(latents, noise, t)
    predicted = base.unet(noised, t, base.text_encoder(ids)[0]).sample
    loss = torch.nn.functional.mse_loss(predicted, noise)
    loss.backward()
    assert loss.isfinite()
    assert all(weight.grad is not None for weight in base.unet.parameters())


def test_recipes_are_found_by_the_name_of_the_base():
    assert recipe_for("CompVis/stable-diffusion-v1-4", None).full.size == 512
    assert recipe_for("bguisard/stable-diffusion-nano-2-1", None).lora.size == 128
    assert recipe_for("somebody/something", None) is RECIPES["plain"]
    assert recipe_for("a/folder/of/it", "stable-diffusion-v1-4").full.size == 512


@pytest.mark.slow
def test_two_processes_do_what_one_does_in_two_passes(tiny, pairs, tmp_path):
    alone = tmp_path / "alone"
    recipe = FineTuning(steps=3, batch_size=2, accumulate=2, learning_rate=1e-3, warmup=0, ema=0.5)
    tuned(tiny, pairs, alone, recipe)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    launch += ["--num_processes", "2", "--num_machines", "1", "--main_process_port", str(port)]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    command = ["-m", "tensho", "finetune", "stable-diffusion", "--base", tiny, "--data", pairs, "--full"]
    flags = {"steps": 3, "batch-size": 2, "learning-rate": 1e-3, "warmup": 0, "ema": 0.5, "device": "cpu"}
    flags |= {"precision": "fp32", "sample-every": 0, "out": tmp_path / "both"}
    given = [text for name, value in flags.items() for text in (f"--{name}", str(value))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, *map(str, command), *given], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    ours, theirs = state(tmp_path / "both"), state(alone)
    assert ours.state["images seen"] == theirs.state["images seen"] == 12
    for name, tensor in ours.below("weights/").items():
        # AdamW moves a weight by up to 1e-3 a step whichever way rounding turns a gradient near 0, so one may be off; not many.
        difference = (tensor - theirs.tensors[f"weights/{name}"]).square().mean().sqrt()
        assert difference < 0.01 * 3 * 1e-3, name
    assert Path(tmp_path / "both" / "pipeline" / "model_index.json").is_file()
