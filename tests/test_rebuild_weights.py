"""Shipped weights can be trained again by one command, and its recipe is what they say of themselves."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from PIL import Image

from tensho.cli.app import COMMANDS, app_of
from tensho.cli.flags import overridden
from tensho.errors import TenshoError
from tensho.models import catalogue
from tensho.models.registry import family_named
from tensho.models.trainable import Recipe
from tensho.models.walkback import Walkback, WalkbackConfig
from tensho.models.weight_file import read_weights
from tensho.train.settings import RunSettings
from tools.rebuild_weights import ROOT, average, rebuild, recipe_file, stages

NAMES = [weights.name for weights in catalogue.shipped()]

LITTLE = """
# two trainings and a graph of nothing
tensho train walkback --preset small --data {fonts} --size 16 --features 2 --levels 2 --temperatures 2 --steps 2 \\
    --batch-size 2 --precision fp32 --sample-every 0 --threads 1 --out one
tensho train walkback --preset small --data {fonts} --size 16 --features 2 --levels 2 --temperatures 2 --steps 3 \\
    --batch-size 2 --precision fp32 --sample-every 0 --threads 1 --start-from one --learning-rate 0.01 --out two
average one two little.safetensors cycles=7
"""


def parsed(words):
    """The flags of a `tensho` command as the command line reads them, which fails on what it does not know."""
    command, words = typer.main.get_command(app_of(*COMMANDS)), list(words[1:])
    while hasattr(command, "resolve_command"):
        context = command.make_context("tensho", words, resilient_parsing=False)
        _, command, words = command.resolve_command(context, words)
    return command.make_context("tensho", words).params


def trainings(name):
    """Settings of model, recipe and run of each training of a recipe."""
    family = family_named(catalogue.Weights.read(catalogue.locate(name)).family)
    found = []
    for words in stages(recipe_file(name)):
        if words[:2] == ("tensho", "train"):
            flags = parsed(words)
            preset = family.preset_table[flags["preset"]]
            found.append(
                (
                    flags["preset"],
                    overridden(preset.config, flags),
                    overridden(preset.recipe, flags),
                    overridden(RunSettings(), flags),
                )
            )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_is_a_command_that_exists(name):
    commands = [words for words in stages(recipe_file(name)) if words[0] == "tensho"]
    assert commands
    for words in commands:
        parsed(words)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_what_was_done(name):
    """Of the last training all settings, of all of them together the examples seen, as the weights tell them."""
    told = catalogue.Weights.read(catalogue.locate(name)).metadata
    done = trainings(name)
    preset, config, recipe, settings = done[-1]
    assert (preset, str(settings.seed)) == (told["preset"], told["seed"])
    assert recipe.steps == int(told["steps"])
    assert settings.minutes == 0, "a clock does not end two runs at the same step"
    if "recipe" in told:
        shipped = json.loads(told["recipe"])
        assert {**json.loads(recipe.to_json()), "steps": 0} == {**shipped, "steps": 0}
    if told["family"] != "composer":  # which tells nothing of them
        assert sum(part.steps * part.batch_size for _, _, part, _ in done) == int(told["images_seen"])
    changes = [pair for words in stages(recipe_file(name)) if words[0] == "average" for pair in words[4:]]
    drawn = {
        **json.loads(config.to_json()),
        **{k: json.loads(v) for k, _, v in (p.partition("=") for p in changes)},
    }
    of_the_data = {"styles", "symbols", "characters", "glosses"}
    ours = {key: value for key, value in drawn.items() if key not in of_the_data}
    theirs = json.loads(type(config).from_json(told["config"]).to_json())
    assert ours == {key: value for key, value in theirs.items() if key not in of_the_data}


def test_the_brushs_recipe_names_its_styles():
    faces = parsed(next(iter(stages(recipe_file("brush")))))["face"]
    named = [face.partition("=")[0] for face in faces]
    styles = catalogue.Weights.read(catalogue.locate("brush")).summary()["config"]["styles"]
    assert named == styles[6:]


@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_the_command_and_no_other_that_does_not_exist(name):
    card = catalogue.Weights.read(catalogue.locate(name)).card
    assert f"python -m tools.rebuild_weights {name}`" in card
    assert f"`{name}.recipe`" in card
    for module in re.findall(r"`python -m ([\w.]+)", card):
        assert find_spec(module) is not None
    for command in re.findall(r"`(tensho [^`]*)`", card):
        parsed(command.split())
    for place in re.findall(r"`(tensho/[\w/.]+)`", card):
        assert (ROOT / "src" / place).exists()


@pytest.fixture
def little(tmp_path):
    """A recipe, and the folder of pictures that it names."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for k, page in enumerate(np.random.default_rng(0).integers(0, 256, (6, 16, 16), dtype=np.uint8)):
        Image.fromarray(page).save(pictures / f"{k}.png")
    (tmp_path / "little.recipe").write_text(LITTLE, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_recipe_is_carried_out_and_the_same_command_again_changes_nothing(little):
    made = rebuild(str(little / "little.recipe"), little / "work", fonts=str(little / "pictures"))
    assert made == little / "work/little.safetensors"
    (one, _), (two, _), (mixed, told) = (
        read_weights(path)
        for path in (little / "work/one/weights.safetensors", little / "work/two/weights.safetensors", made)
    )
    assert not all(torch.equal(one[name], two[name]) for name in one)
    for name, value in mixed.items():
        between = (one[name] + two[name]) / 2 if value.is_floating_point() else two[name]
        torch.testing.assert_close(value, between, rtol=2e-3, atol=1e-3)
    assert told["images_seen"] == "10"
    assert WalkbackConfig.from_json(told["config"]).cycles == 7
    assert Recipe.from_json(told["recipe"]).learning_rate == 0.01
    assert rebuild(str(little / "little.recipe"), little / "work", fonts=str(little / "pictures")) == made
    again, told_again = read_weights(made)
    assert told_again == told
    assert all(torch.equal(value, again[name]) for name, value in mixed.items())


def test_a_stage_that_fails_ends_it(little, capfd):
    (little / "little.recipe").write_text("tensho data info nowhere\ntensho models", encoding="utf-8")
    with pytest.raises(TenshoError, match="tensho data info nowhere ended with 2"):
        rebuild(str(little / "little.recipe"), little / "work")
    assert "[2/2]" not in capfd.readouterr().err


@pytest.mark.parametrize("line", ["rm -rf x", "average one two", "python -m tensho.train.composer"])
def test_what_is_no_stage_is_refused(little, line):
    (little / "little.recipe").write_text(line, encoding="utf-8")
    with pytest.raises(TenshoError, match="a stage is"):
        stages(little / "little.recipe")
    with pytest.raises(TenshoError, match="no recipe 'nobody'"):
        recipe_file("nobody")


def test_weights_of_different_shapes_have_no_middle(tmp_path: Path):
    for features in (2, 4):
        Walkback(WalkbackConfig(size=16, features=features, levels=2)).save(
            tmp_path / f"{features}.safetensors"
        )
    with pytest.raises(TenshoError, match="different shapes"):
        average(tmp_path / "2.safetensors", tmp_path / "4.safetensors", tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()
