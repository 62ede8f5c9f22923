import numpy as np
import pytest

from tensho.composition.strokes.fitting import GRID, fitted, sampled
from tensho.composition.strokes.inventory import StrokeInventory, training_characters
from tensho.composition.strokes.order import strokes_before
from tensho.composition.strokes.skeleton import Skeleton, skeleton
from tensho.composition.strokes.splitting import EM, split
from tensho.errors import TenshoError
from tensho.fonts.kanjivg_strokes import drawing, middle_line
from tensho.fonts.outline_geometry import OutlinePen
from tensho.fonts.outline_raster import raster
from tensho.ids.syntax import parse
from tensho.split import split_of


def kinds(ids, **options):
    return "".join(kind[:1] for kind in skeleton(parse(ids), **options).kinds)


def test_kanjivg_says_which_strokes_make_up_which_part():
    known, gate = drawing("園"), drawing("門")
    assert known is not None
    assert gate is not None
    assert len(known.strokes) == 13
    parts = {group.names[0]: group.strokes for group in known.groups}
    assert parts["囗"] == (0, 1, 12)
    assert parts["口"] == (5, 6, 7)
    assert gate.strokes[0].kind == "㇑"
    assert drawing("龘") is None


def test_a_line_begins_where_its_path_does():
    line = middle_line("M1,2c1,0,2,0,3,0")
    np.testing.assert_allclose(line[[0, -1]], [[1, 2], [4, 2]])


@pytest.mark.parametrize(
    ("ids", "first", "last"),
    [
        ("⿴囗龍", "㇑㇕", "㇐"),  # 囗 is closed after what it holds
        ("⿺辶龍", "㇑㇐", "㇏"),  # 辶 is the last
        ("⿺廴龍", "㇑㇐", "㇏"),
        ("⿵門龍", "㇑㇕㇐㇐㇑㇆", "㇐"),  # 門 is the first
        ("⿸广龍", "㇑㇐㇒", "㇐"),
        ("⿷匚龍", "㇐㇑", "㇗"),  # 匚 has its upper stroke before
        ("⿶凵龍", "㇑㇐", "㇑"),  # 凵 comes after
        ("⿰氵龍", "㇔㇔㇀", "㇐"),
    ],
)
def test_the_operators_rules_say_what_comes_first(ids, first, last):
    written = kinds(ids, whole=False)
    assert written.startswith(first)
    assert written.endswith(last)


def test_an_enclosure_that_no_character_has_goes_by_its_operator():
    assert strokes_before("⿴", "鑫", 5) == 4
    assert strokes_before("⿶", "鑫", 5) == 0
    assert strokes_before("⿸", "鑫", 5) == 5


def test_strokes_are_counted_as_those_of_the_parts():
    count = {part: len(skeleton(part).strokes) for part in "氵龍越月"}
    assert len(skeleton(parse("⿰氵龍"), whole=False).strokes) == count["氵"] + count["龍"]
    assert len(skeleton(parse("⿰月越")).strokes) == count["月"] + count["越"]
    assert all(stroke.donor for stroke in skeleton(parse("⿰月越")).strokes)


def test_a_character_that_kanjivg_has_is_written_as_it_is_there():
    whole = skeleton(parse("湖"))
    assert {stroke.donor for stroke in whole.strokes} == {"湖"}
    assert len(whole.strokes) == 12


def test_strokes_stay_in_the_square_and_parts_in_their_places():
    made = skeleton(parse("⿰木⿱宀龍"), whole=False)
    every = np.concatenate([stroke.line for stroke in made.strokes])
    assert every.min() > -0.05
    assert every.max() < 1.05
    tree = np.concatenate([stroke.line for stroke in made.strokes if stroke.part == "木"])
    roof = np.concatenate([stroke.line for stroke in made.strokes if stroke.part != "木"])
    assert tree[:, 0].mean() < roof[:, 0].min() + 0.1


def test_donors_can_be_limited_to_the_characters_of_a_split():
    forms = StrokeInventory(training_characters).forms("氵", "⿰0")
    assert forms
    assert all(split_of(form.donor) == "train" for form in forms)
    assert all(len(form.strokes) == 3 for form in forms)
    assert forms[0].in_place


@pytest.mark.parametrize("ids", ["门", "⿰门马", "⿰氵马"])
def test_a_part_without_known_strokes_is_refused(ids):
    with pytest.raises(TenshoError, match="no strokes of"):
        skeleton(parse(ids))


def cross():
    """十 as an outline: a bar 100 wide and 800 long each way, and its skeleton a little off."""
    pen = OutlinePen()
    for left, bottom, right, top in ((100, 350, 900, 450), (450, 0, 550, 800)):
        pen.moveTo((left, bottom))
        for point in ((right, bottom), (right, top), (left, top)):
            pen.lineTo(point)
        pen.closePath()
    return pen.outline(), skeleton(parse("十"))


def test_a_skeleton_is_laid_into_the_middle_of_the_ink():
    outline, made = cross()
    scale = GRID / EM.units
    ink = raster(outline, GRID, scale=scale, bottom=EM.descender) / 255.0
    across, down = fitted(Skeleton(made.strokes), ink)
    middle = (EM.ascender - 400) * scale
    np.testing.assert_allclose(across.line[2:-2, 1], middle, atol=1.5)
    np.testing.assert_allclose(down.line[2:-2, 0], 500 * scale, atol=2)
    assert across.line[0, 0] < across.line[-1, 0]
    assert down.line[0, 1] < down.line[-1, 1]
    np.testing.assert_allclose(np.median(across.half), 50 * scale, atol=1.5)
    with pytest.raises(TenshoError, match="without ink"):
        fitted(made, np.zeros((GRID, GRID)))


def test_strokes_together_are_the_whole_glyph_and_where_they_cross_both_have_the_ink():
    outline, made = cross()
    pieces = split(outline, made)
    size = 200
    inks = [raster(piece.outline, size, scale=size / EM.units, bottom=EM.descender) > 127 for piece in pieces]
    whole = raster(outline, size, scale=size / EM.units, bottom=EM.descender) > 127
    assert np.count_nonzero(whole & ~(inks[0] | inks[1])) <= 0.01 * np.count_nonzero(whole)
    assert not (inks[0] & ~whole).any()
    both = np.count_nonzero(inks[0] & inks[1])
    crossing = (size * 100 / EM.units) ** 2
    assert 0.6 * crossing < both < 1.4 * crossing
    assert pieces[0].median[0, 0] < 200 < 800 < pieces[0].median[-1, 0]


def test_points_along_a_line_are_evenly_spaced():
    line = sampled(np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]), 2.5)
    np.testing.assert_allclose(np.hypot(*np.diff(line, axis=0).T), 2.5)
