import pytest
from fontTools.ttLib import TTFont

from tensho.errors import TenshoError
from tensho.fonts.embedding_rights import check_family, read_rights, unreserved_family
from tests.ideograph_fonts import OFL, write_ideographs


@pytest.fixture
def rights_of(tmp_path):
    def rights_of(licence=OFL, fs_type=0, **names):
        write_ideographs(tmp_path / "a.ttf", licence=licence, fs_type=fs_type, **names)
        with TTFont(tmp_path / "a.ttf") as font:
            return read_rights(font)

    return rights_of


@pytest.mark.parametrize(
    ("licence", "short"),
    [
        (OFL, "OFL-1.1"),
        ("Licensed under the Apache License, Version 2.0", "Apache-2.0"),
        ("https://opensource.org/licenses/IPA/", "IPA-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/ (CC0)", "CC0-1.0"),
        ("Ask the foundry.", "Ask the foundry."),
        ("", "not stated"),
    ],
)
def test_licences_are_known_by_their_words(rights_of, licence, short):
    rights = rights_of(licence)
    assert (rights.licence, rights.refusal) == (short, None)


@pytest.mark.parametrize(
    "licence",
    [
        "You may not modify, adapt, translate or create derivative works of the font software.",
        "Modification of the font is strictly prohibited without written consent.",
        "This font must not be altered in any way.",
        "https://creativecommons.org/licenses/by-nd/4.0/",
        "本フォントの改変を禁止します。",
        "未经许可，禁止修改本字体。",
    ],
)
def test_licences_that_forbid_changes_are_refused(rights_of, licence):
    assert "its licence says" in rights_of(licence).refusal


def test_the_open_font_license_itself_forbids_nothing(rights_of):
    text = (
        OFL
        + " It may not be sold by itself. Modified versions must not use the reserved names. No changes are prohibited."
    )
    assert rights_of(text).refusal is None


@pytest.mark.parametrize(("bits", "refused"), [(0, False), (2, True), (4, False), (8, False), (0x100, False)])
def test_restricted_fonts_are_refused(rights_of, bits, refused):
    assert (rights_of(fs_type=bits).refusal is not None) == refused


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Copyright 2020 Foo, with Reserved Font Name 'Klee'.", ("Klee",)),
        ("with Reserved Font Names “Source” and “Adobe”.", ("Source", "Adobe")),
        ("© A, with Reserved Font Name Zen Maru.", ("Zen Maru",)),
        ("Reserved Font Name: IPAex, Moji", ("IPAex", "Moji")),
        ("Copyright 2020 Foo", ()),
        ('"Reserved Font Name" refers to any names specified as such.', ()),
    ],
)
def test_reserved_names_are_read(rights_of, words, names):
    assert rights_of(copyright=words).reserved == names


def test_the_ipa_font_license_reserves_the_family_s_name(rights_of):
    rights = rights_of("IPA Font License Agreement v1.0")
    assert rights.reserved == ("Small Song",)
    assert any("go back to the original" in note for note in rights.notes)


@pytest.mark.parametrize(
    ("family", "reserved", "free"),
    [
        ("Klee One", (), "Klee One"),
        ("Klee One", ("Klee",), "Tensho KO"),
        ("KLEE-one", ("Klee One",), "Tensho KO"),
        ("IPAexGothic", ("IPAexGothic",), "Tensho IG"),
        ("源ノ明朝", ("源ノ明朝",), "Tensho Completed"),
        ("Tensho", ("Tensho",), "Tensho"),  # nothing is left to choose from
    ],
)
def test_a_reserved_name_is_replaced(family, reserved, free):
    assert unreserved_family(family, reserved) == free


def test_a_reserved_name_cannot_be_asked_for():
    check_family("My Font", ["Klee"])
    with pytest.raises(TenshoError, match="reserved font name 'Klee'"):
        check_family("My Klee", ["Klee"])
