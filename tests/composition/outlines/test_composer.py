import numpy as np
import pylopdf_fonts_jp
import pytest

from tensho.composition.outlines.composer import RUNGS, OutlineComposer
from tensho.composition.outlines.inventory import build_inventory
from tensho.composition.outlines.islands import islands
from tensho.composition.outlines.looks import Looks
from tensho.composition.outlines.placement import Effects, Placer
from tensho.composition.outlines.segmentation import divide_all, glyph_islands, known_tree
from tensho.composition.outlines.spacing import usual_gaps
from tensho.composition.outlines.store import (
    SHIPPED_STYLES,
    cut_face,
    nearest_style,
    open_composer,
    read_inventory,
    write_inventory,
)
from tensho.errors import TenshoError
from tensho.fonts.faces import load_face
from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds
from tensho.ids.decomposition import decompositions
from tensho.split import split_of

EM = Bounds(0, -120, 1000, 880)


def learned(character):
    """Whether a test may cut a character: some 1,300 of the train split, so that a face is cut in seconds."""
    return split_of(character) == "train" and ord(character) % 6 == 0 and ord(character) < 0xA000


@pytest.fixture(scope="module", params=["sans", "serif"])
def reader(request):
    return OutlineReader(getattr(pylopdf_fonts_jp, f"{request.param}_path")())


@pytest.fixture(scope="module")
def inventory(reader):
    return build_inventory(reader, EM, allowed=learned)


@pytest.fixture(scope="module")
def composer(inventory):
    return OutlineComposer(inventory, exclude=lambda c: not learned(c))


def ink(outline):
    return raster(outline, 128, scale=0.128, bottom=-120).astype(float) / 255


def difference(one, other):
    """L1 over the ink of the first."""
    return np.abs(ink(one) - ink(other)).sum() / ink(one).sum()


def test_a_ring_in_a_ring_is_two_islands(reader):
    assert sorted(len(island) for island in islands(reader.outline("回"))) == [2, 2]


@pytest.mark.parametrize(
    ("character", "left"), [("明", "日"), ("加", "力"), ("時", "日"), ("林", "木"), ("吐", "口")]
)
def test_islands_go_to_the_part_that_they_draw(reader, character, left):
    tree = known_tree(character)
    assert tree is not None
    assert tree.operator == "⿰"
    assert tree.children[0] == left
    glyphs = {
        c: glyph_islands(reader.outline(c))
        for c in decompositions()
        if learned(c) and c in reader.characters and known_tree(c)
    }
    glyphs = {**dict(list(glyphs.items())[:400]), character: glyph_islands(reader.outline(character))}
    placer = Placer(EM, Looks(reader, EM))
    (division,) = (d for d in divide_all(glyphs, placer, most_depth=1) if d.character == character)
    boxes = glyphs[character].boxes
    assert boxes[division.child(0), 0].max() < boxes[division.child(1), 0].min() + 150
    assert boxes[division.child(0), 2].max() < boxes[division.child(1), 2].max()


@pytest.mark.slow
def test_held_out_characters_come_out_nearly_as_their_designer_drew_them(reader, composer):
    found = []
    for character in decompositions():
        if split_of(character) != "test" or not 0x4E00 <= ord(character) < 0xA000 or ord(character) % 7:
            continue
        truth = reader.outline(character)
        if truth is None or known_tree(character) is None:
            continue
        try:
            found.append(difference(truth, composer.compose(character).outline))
        except TenshoError:  # a part that no character in six has
            continue
    assert len(found) > 100
    # Another character of the same face differs by some 1.2; the donors here are one in six of those that there are.
    assert np.median(found) < 0.85


def test_the_ink_is_the_donors_own(reader, composer):
    """Each contour is one of a donor's, point for point, moved and fitted along the axes."""
    glyph = composer.compose("⿰氵皮")
    theirs = [contour for donor in glyph.donors for contour in reader.outline(donor)]

    def fits(ours, donor):
        if not np.array_equal(ours.tags, donor.tags):
            return False
        orders = [np.argsort(donor.points[:, axis], kind="stable") for axis in (0, 1)]
        return all((np.diff(ours.points[order, axis]) > -0.5).all() for axis, order in enumerate(orders))

    assert all(any(fits(ours, donor) for donor in theirs) for ours in glyph.outline)


def test_a_glyph_says_where_it_is_from(composer):
    glyph = composer.compose("⿰氵木")
    assert glyph.rung in RUNGS
    assert 0 <= glyph.confidence <= 1
    assert all(learned(donor) for donor in glyph.donors)


def test_parts_that_are_said_to_stand_as_in_their_donors_do(reader, composer):
    told = 0
    for ids in (
        "⿰氵木",
        "⿱艹⿰木口",
        "⿰言木",
        "⿰口寸",
        "⿱宀木",
        "⿰女木",
        "⿰木⿱日口",
        "⿰日木",
        "⿱艹日",
    ):
        glyph = composer.compose(ids)
        for part in glyph.parts:
            there = reader.outline(part.donor).subset(part.contours)
            here = glyph.outline.subset(range(part.first, part.first + len(part.contours)))
            assert np.array_equal(here.tags, there.tags)
            np.testing.assert_allclose(here.points, there.points + np.array(part.move), atol=0.02)
            told += 1
    assert told


@pytest.mark.parametrize("ids", ["⿰木口", "⿱木口", "⿰口木", "⿱口木"])
def test_parts_stand_where_the_description_says(composer, ids):
    outline = composer.compose(ids).outline
    areas = outline.areas
    hole = outline.contour_bounds[(areas * areas[np.abs(areas).argmax()]).argmin()]  # that of 口; 木 has none
    box = np.array(outline.bounds)
    across, down = (hole - box)[:2] + (hole - box)[2:]
    assert (across > 200) == (ids == "⿰木口")
    assert (across < -200) == (ids == "⿰口木")
    assert (down < -200) == (ids == "⿱木口")
    assert (down > 200) == (ids == "⿱口木")


def test_the_same_description_gives_the_same_points(inventory):
    one, other = (OutlineComposer(inventory).compose("⿰木⿱日口").outline for _ in range(2))
    assert np.array_equal(one.points, other.points)


def test_an_inventory_survives_the_disk(tmp_path, reader, inventory, composer):
    path = tmp_path / "face.npz"
    write_inventory(inventory, path, {"font": "x"})
    again = OutlineComposer(read_inventory(path, reader, learned), lambda c: not learned(c))
    for ids in ("⿰氵木", "⿱艹⿰木口", "⿺辶木"):
        before, after = composer.compose(ids), again.compose(ids)
        assert before.donors == after.donors
        assert np.array_equal(before.outline.points, after.outline.points)
    first = path.read_bytes()
    write_inventory(inventory, path, {"font": "x"})
    assert path.read_bytes() == first


def test_a_part_that_no_face_has_is_named(composer):
    with pytest.raises(TenshoError, match="\U00030000"):
        composer.compose("⿰氵\U00030000")


@pytest.mark.parametrize("ids", ["㇯木一", "龍?", "⿰木"])
def test_what_cannot_be_composed_is_refused(composer, ids):
    with pytest.raises(TenshoError):
        composer.compose(ids)


def test_a_lacking_part_comes_from_another_face_as_heavy_as_this_one(inventory, reader):
    thin = build_inventory(
        OutlineReader(pylopdf_fonts_jp.sans_path()),
        EM,
        allowed=lambda c: c in "明林加吐時休体村枝杉松杯板材析柏柱柳桂桃",
    )
    lacking = OutlineComposer(thin, exclude=lambda c: c == "龍", other=lambda: OutlineComposer(inventory))
    glyph = lacking.compose("⿰木龍")
    assert glyph.rung == "other face"
    assert glyph.confidence < OutlineComposer(thin).compose("⿰木寸").confidence


def test_a_form_of_the_same_strokes_stands_in_for_one_that_a_face_lacks(inventory):
    few = build_inventory(inventory.reader, EM, allowed=lambda c: c in "明林加吐時休体村枝杉松杯")
    glyph = OutlineComposer(few, lambda c: c == "訁").compose("⿰言木")
    assert glyph.rung == "related form"
    assert "言" in glyph.donors


def test_effects_are_means_that_shrink():
    from tensho.composition.outlines.placement import Observation

    seen = [Observation(("s", "s=a"), np.zeros(1), (0.0, 0.0, 0.5, 1.0))] * 50
    seen += [Observation(("s", "s=b"), np.zeros(1), (0.0, 0.0, 0.54, 1.0))]
    effects = Effects(seen)
    assert effects.predict(("s", "s=a"), np.zeros(1))[2] == pytest.approx(0.5, abs=0.003)
    assert 0.5 < effects.predict(("s", "s=b"), np.zeros(1))[2] < 0.54
    assert effects.predict(("s", "s=never"), np.zeros(1))[2] == pytest.approx(0.5, abs=0.01)


def test_the_nearest_style_of_a_mincho_is_a_mincho(reader):
    family = reader._face.family_name.decode()
    assert nearest_style(reader) == ("serif-jp" if "Serif" in family else "sans-jp")


@pytest.mark.parametrize("style", SHIPPED_STYLES)
def test_shipped_inventories_belong_to_the_fonts_that_pip_installs(style):
    composer = open_composer(style)
    assert composer is not None
    glyph = composer.compose("⿰木龍")
    assert glyph.rung == "same slot"
    assert len(glyph.outline.points) > 20
    of_it = composer.inventory
    assert of_it.gaps == usual_gaps(of_it.reader, of_it.em, of_it.forms)


def test_a_style_of_bitmaps_has_no_outlines():
    assert open_composer("kiloji") is None


def test_a_font_is_cut_once(tmp_path, monkeypatch):
    import tensho.composition.outlines.store as store

    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    cut = []

    def few(face, *, allowed=None, like=None, progress=None):
        cut.append(face)
        return cut_face(face, allowed=lambda c: c in "明林加吐時休体村枝杉")

    monkeypatch.setattr(store, "cut_face", few)
    face = load_face(pylopdf_fonts_jp.sans_path())
    for _ in range(2):
        store._opened.clear()
        composer = store.open_composer(face)
        assert composer is not None
        assert composer.compose("⿰木日").donors
    assert len(cut) == 1
    (kept,) = (tmp_path / "outlines").iterdir()
    for damage in (kept.read_bytes()[:-100], b"PK nothing", kept.read_bytes()[:300] + bytes(99)):
        kept.write_bytes(damage)
        store._opened.clear()
        composer = store.open_composer(face)
        assert composer is not None
        assert composer.compose("⿰木日").donors
    assert len(cut) == 4
    store._opened.clear()


def test_an_inventory_of_another_version_of_a_font_is_not_believed(tmp_path, monkeypatch):
    import tensho.composition.outlines.store as store

    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    few = "明林加吐時休体村枝杉"
    monkeypatch.setattr(
        store, "cut_face", lambda face, like, progress: cut_face(face, allowed=lambda c: c in few)
    )
    monkeypatch.setattr(store, "_font_of", lambda _: pylopdf_fonts_jp.serif_path())
    store._of_style.cache_clear()
    composer = store.open_composer("sans-jp")
    assert composer is not None
    assert set(composer.inventory.forms) <= set("日月木力口土寺人亻本寸支彡") | {"⿰木木"}
    store._of_style.cache_clear()


def test_a_font_of_which_nothing_can_be_cut_still_gives_its_glyphs_whole(tmp_path, monkeypatch):
    import tensho.composition.outlines.store as store

    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    monkeypatch.setattr(
        store, "cut_face", lambda face, like, progress: cut_face(face, allowed=lambda c: c in "木口")
    )
    store._opened.clear()
    composer = store.open_composer(load_face(pylopdf_fonts_jp.sans_path()))
    assert composer is not None
    assert composer.compose("⿰木口").rung == "whole glyph"
    store._opened.clear()
