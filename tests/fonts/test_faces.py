from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from fontTools.designspaceLib import AxisDescriptor, DesignSpaceDocument, SourceDescriptor
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.varLib import build
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.fonts.source import is_ideograph

BODY = (100, 0, 900, 760)
NOTDEF = (100, 0, 900, 700)


@pytest.fixture(scope="module")
def faces() -> dict[str, Face]:
    return {face.name: face for face in default_faces()}


@pytest.fixture
def small_font(make_font):
    return make_font("small.ttf", {"一": BODY, "二": BODY, "A": BODY})


def test_default_faces_say_who_made_them_and_under_which_licence(faces):
    assert list(faces) == ["sans-jp", "serif-jp", "sans-sc", "serif-sc", "sans-tc", "serif-tc"]
    assert {face.licence for face in faces.values()} == {"OFL-1.1"}
    assert all("Adobe" in face.attribution and len(face.sha256) == 64 for face in faces.values())
    assert faces["serif-jp"].family == "Noto Serif JP"


def test_glyphs_lie_where_the_outline_says(faces):
    """The em box is the square's middle 15/16; an outline's corners, computed by fontTools, fall where it says."""
    size = 128
    em = size * EM_FRACTION
    for name in ("sans-jp", "serif-sc"):
        renderer = faces[name].renderer(size)
        with TTFont(faces[name].path) as font:
            outlines, cmap = font.getGlyphSet(), font.getBestCmap()
            for character in "国一永鬱々":
                pen = BoundsPen(outlines)
                outlines[cmap[ord(character)]].draw(pen)
                left, bottom, right, top = (value / 1000 * em for value in pen.bounds)
                below, margin = 0.12 * em, (size - em) / 2
                expected = (
                    left + margin,
                    size - margin - below - top,
                    right + margin,
                    size - margin - below - bottom,
                )
                assert ink_box(painted(renderer, character)) == pytest.approx(expected, abs=1.5)


def test_real_faces_are_centred_and_nothing_is_cut_off(faces):
    for face in faces.values():
        renderer = face.renderer(64)
        keys = [drawable.key for drawable in face.drawables()][::150]
        boxes = np.array([ink_box(painted(renderer, key)) for key in keys])
        assert boxes.min() >= 1
        assert boxes.max() <= 63
        centre = (boxes[:, :2] + boxes[:, 2:]).mean(axis=0) / 2
        assert centre == pytest.approx([32, 32], abs=1)


def test_ideographs_are_never_two_code_points_for_one_character(faces):
    code_points = [drawable.code_point for drawable in faces["sans-jp"].drawables()]
    assert code_points == sorted(set(code_points))
    assert all(unicodedata.normalize("NFKC", chr(c)) == chr(c) for c in code_points if c > 0x3100)
    assert {0x3005, 0x3007, 0x4E00, 0xFA0E, 0x20B9F} <= set(code_points)
    assert not any(map(is_ideograph, (0x41, 0x3042, 0x2F00, 0xF900, 0x2F800, 0xAC00, 0x4DC0)))


def test_a_cmap_is_not_believed(make_font):
    path = make_font(
        "liar.ttf",
        {"一": BODY, "二": None, "三": NOTDEF, "四": (-600, 0, 900, 760)},
        notdef=NOTDEF,
    )
    face = load_face(path)
    renderer = face.renderer(64)
    assert [drawable.key for drawable in face.drawables()] == list("一三二四")
    assert [renderer.render(key) is not None for key in "一二三四五"] == [True] + [False] * 4
    glyph = painted(renderer, "一")
    assert glyph.shape == (64, 64)
    assert glyph.dtype == np.uint8
    assert glyph.max() == 255
    assert glyph[0].max() == 0


def test_without_typographic_metrics_the_ink_is_centred(make_font):
    stated = make_font("stated.ttf", {"一": (100, -20, 900, 780)})
    unstated = make_font("unstated.ttf", {"一": (100, 200, 900, 1000)}, ascender=1300, descender=-100)
    for path in (stated, unstated):
        left, top, right, bottom = ink_box(painted(load_face(path).renderer(64), "一"))
        assert (left + right) / 2 == pytest.approx(32, abs=0.6)
        assert (top + bottom) / 2 == pytest.approx(32, abs=0.6)


@pytest.fixture
def variable_font(tmp_path, make_font):
    """A font whose 一 is thin at wght=400, the default, and thick at 700."""
    thin, thick = (
        make_font(f"{style}.ttf", {"一": box}, style=style)
        for style, box in (("Regular", (100, 300, 900, 400)), ("Bold", (100, 200, 900, 500)))
    )
    space = DesignSpaceDocument()
    space.addAxis(AxisDescriptor(tag="wght", name="Weight", minimum=400, default=400, maximum=700))
    for path, weight in ((thin, 400), (thick, 700)):
        space.addSource(SourceDescriptor(font=TTFont(path), location={"Weight": weight}))
    font, _, _ = build(space)
    font.save(tmp_path / "variable.ttf")
    return tmp_path / "variable.ttf"


def test_an_instance_of_a_variable_font_can_be_named(variable_font):
    default, thin, thick = (
        load_face(f"{variable_font}{suffix}") for suffix in ("", "#wght=400", "#0,wght=700")
    )
    assert (default.location, thick.location) == ((), (("wght", 700.0),))
    assert (default.name, thick.name) == ("small-song", "small-song-wght700")
    assert thick.identity() != thin.identity()
    inks = [int(painted(face.renderer(64), "一").sum()) for face in (default, thin, thick)]
    assert inks[0] == inks[1]
    assert inks[2] == pytest.approx(3 * inks[0], rel=0.05)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("#wdth=90", "no axis 'wdth'; it has wght"),
        ("#wght=900", "from 400 to 700"),
        ("#wght=bold", "no font file"),
        ("#", "no font file"),
    ],
)
def test_an_instance_that_is_not_there_is_refused(variable_font, choice, message):
    with pytest.raises(TenshoError, match=message):
        load_face(f"{variable_font}{choice}")


def test_a_font_of_one_instance_has_no_axes(small_font):
    with pytest.raises(TenshoError, match="no variable font"):
        load_face(f"{small_font}#wght=700")


def test_every_face_of_a_collection_can_be_named(tmp_path, make_font):
    collection = TTCollection()
    for style, box in (("Regular", BODY), ("Bold", (0, 0, 1000, 760))):
        path = make_font(f"{style}.ttf", {"一": box}, style=style)
        collection.fonts.append(TTFont(path))
    collection.save(tmp_path / "pair.ttc")

    first, second = (load_face(f"{tmp_path}/pair.ttc{suffix}") for suffix in ("", "#1"))
    assert (first.name, second.name) == ("small-song", "small-song-bold")
    assert (first.style, second.style) == ("Regular", "Bold")
    inks = [np.count_nonzero(painted(face.renderer(64), "一")) for face in (first, second)]
    assert inks[0] < inks[1]
    assert first == load_face(f"{tmp_path}/pair.ttc#0")
    with pytest.raises(TenshoError, match="no face #2"):
        load_face(f"{tmp_path}/pair.ttc#2")


def test_a_collection_is_known_by_its_first_face_with_ideographs(tmp_path, make_font):
    latin, han = make_font("latin.ttf", {"A": BODY}), make_font("han.ttf", {"一": BODY})
    with TTFont(latin) as first, TTFont(han) as second:
        collection = TTCollection()
        collection.fonts = [first, second]
        collection.save(tmp_path / "both.ttc")
    assert load_face(tmp_path / "both.ttc").index == 1
    with pytest.raises(TenshoError, match="no ideographs"):
        load_face(tmp_path / "both.ttc#0")


@pytest.mark.parametrize("flavor", ["woff", "woff2"])
def test_fonts_of_the_web_are_read_as_they_are(tmp_path, small_font, flavor):
    path = tmp_path / f"small.{flavor}"
    with TTFont(small_font) as font:
        font.flavor = flavor
        font.save(path)
    plain, web = load_face(small_font), load_face(path)
    assert (plain.em_bottom, plain.advance) == (web.em_bottom, web.advance)
    for render in (
        lambda face: painted(face.renderer(64), "一"),
        lambda face: face.outlines().outline("一").points,
    ):
        np.testing.assert_array_equal(render(plain), render(web))


def test_names_come_from_the_name_table_unless_given(small_font):
    face = load_face(small_font)
    assert (face.name, face.family, face.style) == ("small-song", "Small Song", "Regular")
    assert (face.licence, face.attribution) == ("OFL-1.1", "© 2026 Test")
    assert load_face(small_font, name="mine").name == "mine"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no font file"),
        (b"", "is not a font"),
        (b"Dear reader, this is a letter.", "is not a font"),
        (b"OTTO", "is damaged"),
        (b"ttcf" + bytes(40), "is damaged"),
    ],
)
def test_files_that_are_no_fonts(tmp_path, content, message):
    path = tmp_path / "broken.otf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TenshoError, match=message):
        load_face(path)


def test_a_folder_without_scans_is_no_font(tmp_path):
    with pytest.raises(TenshoError, match="holds no image"):
        load_face(tmp_path)


def test_a_font_without_ideographs(make_font):
    path = make_font("latin.ttf", {"A": BODY, "あ": BODY})
    with pytest.raises(TenshoError, match="has no ideographs"):
        load_face(path)


@pytest.mark.parametrize("part", [0.001, 0.01, 0.3, 0.999])
def test_a_truncated_download_is_noticed(tmp_path, faces, part):
    content = faces["sans-jp"].path.read_bytes()
    path = tmp_path / "cut.otf"
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(TenshoError, match=r"truncated|damaged"):
        load_face(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_font_never_ends_in_another_error(small_font, data):
    content = bytearray(small_font.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = small_font.with_name("damaged.ttf")
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        face = load_face(path)
        renderer = face.renderer(64)
    except TenshoError:
        return
    for drawable in face.drawables():
        renderer.render(drawable.key)


def painted(renderer, key):
    glyph = renderer.render(key)
    assert glyph is not None, key
    return glyph


def ink_box(glyph) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is at least a quarter black."""
    rows, columns = np.flatnonzero(glyph.max(axis=1) > 64), np.flatnonzero(glyph.max(axis=0) > 64)
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
