import dataclasses

import numpy as np
import pyfiglet
import pytest

from tensho.datasets.letters.fonts import (
    LETTERS,
    build_letter_fonts,
    figlet_font,
    letter_fonts,
    letter_fonts_file,
    write_shipped,
)
from tensho.datasets.letters.similarity import font_similarity
from tensho.errors import TenshoError
from tensho.split import split_of
from tensho.text.ascii_grid import PAD, lines_of

FONTS = ("banner", "big", "block", "doom", "slant", "standard", "term", "o8")


@pytest.fixture(scope="module")
def fonts():
    return build_letter_fonts(fonts=FONTS, synthetic=3)


def test_letters_are_those_that_figlet_prints():
    grids = figlet_font("standard")
    for letter in "Ag%":
        printed = pyfiglet.figlet_format(letter, font="standard").split("\n")
        ours = lines_of(grids[LETTERS.index(letter)])
        stripped = [line.strip() for line in ours]
        assert stripped == [line.strip() for line in printed][: len(ours)]


def test_fonts_that_are_no_lettering_are_left_out(fonts):
    assert "term" not in fonts.names
    assert {"banner", "standard", "style-0000", "style-0002"} <= set(fonts.names)


def test_every_letter_is_in_a_box_or_missing(fonts):
    inside = fonts.grids != PAD
    rows, columns = fonts.boxes.transpose(2, 0, 1)
    assert (inside.sum((-1, -2)) == rows * columns).all()
    assert fonts.boxes.max(0).max(0).tolist() <= [12, 24]


def test_the_split_is_by_family_and_whole(fonts):
    parts = [set(fonts.split(split).tolist()) for split in ("train", "validation", "test")]
    assert sorted(set.union(*parts)) == list(range(len(fonts)))
    assert sum(map(len, parts)) == len(fonts)
    for font in fonts.split("test"):
        assert split_of(fonts.families[font]) == "test"
    assert set(np.flatnonzero(fonts.synthetic)) <= parts[0]


def test_doubles_are_dropped_and_near_copies_are_one_family():
    doubles = build_letter_fonts(fonts=("assalt_m", "asslt__m", "battlesh", "battle_s"), synthetic=0)
    assert doubles.names == ("assalt_m", "battle_s")
    near = build_letter_fonts(fonts=("banner", "old_banner", "standard"), synthetic=0)
    assert near.families == ("banner", "banner", "standard")


def test_neighbours_are_near_and_of_other_families(fonts):
    train = set(fonts.split("train").tolist())
    for font, row in enumerate(fonts.neighbours):
        assert font not in row
        assert set(row.tolist()) <= train
    everything = fonts.grids[:, :60]
    near = font_similarity(everything, everything)
    assert near.diagonal() == pytest.approx(np.array([near[k, k] for k in range(len(near))]))
    assert (near.diagonal() >= near.max(1) - 1e-9).all()
    assert near == pytest.approx(near.T)


def test_the_set_is_kept_and_made_again_where_that_is_damaged(tmp_path, monkeypatch, fonts):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    monkeypatch.setattr("tensho.datasets.letters.fonts._read_shipped", lambda progress: None)
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", lambda progress: fonts)
    built = letter_fonts()
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", None)
    again = letter_fonts()
    assert again.names == built.names == fonts.names
    assert (again.grids == fonts.grids).all()
    assert again.digest == fonts.digest
    letter_fonts_file().write_bytes(b"nothing")
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", lambda progress: fonts)
    assert letter_fonts().digest == fonts.digest
    assert len(letter_fonts_file().read_bytes()) > 1000


def test_a_set_that_cannot_be_kept_is_used(monkeypatch, fonts):
    monkeypatch.setenv("TENSHO_HOME", "/proc/nowhere")
    monkeypatch.setattr("tensho.datasets.letters.fonts._read_shipped", lambda progress: fonts)
    assert letter_fonts() is fonts


def test_what_is_shipped_makes_the_set_with_the_fonts_that_are_installed(tmp_path, monkeypatch, fonts):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", None)
    monkeypatch.setattr("tensho.datasets.letters.fonts.SHIPPED", tmp_path / "set.npz.xz")
    write_shipped(fonts, tmp_path / "set.npz.xz")
    read = letter_fonts()
    assert (read.grids == fonts.grids).all()
    assert (read.neighbours == fonts.neighbours).all()
    assert (read.names, read.families, read.digest) == (fonts.names, fonts.families, fonts.digest)


def test_what_is_shipped_is_not_used_with_other_fonts(tmp_path, monkeypatch, fonts):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    monkeypatch.setattr("tensho.datasets.letters.fonts.SHIPPED", tmp_path / "set.npz.xz")
    write_shipped(dataclasses.replace(fonts, digest="0" * 64), tmp_path / "set.npz.xz")
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", lambda progress: fonts)
    assert letter_fonts() is fonts


def test_unknown_fonts_are_named():
    with pytest.raises(TenshoError, match="nowhere"):
        figlet_font("nowhere")
