from tensho.ids.kindred import Kindred


def test_neighbours_have_a_part_in_the_same_place_if_there_are_such():
    kindred = Kindred("氵海湖汁江龍襲籠木沐林森")
    assert set(kindred.of("漢", 4)) <= set("海湖汁江沐")
    assert kindred.of("⿰氵龍", 3)[0] in "海湖汁江沐"
    assert "龍" not in kindred.of("⿰木龍")
    assert "沐" not in kindred.of("沐")
    assert len(kindred.of("⿰氵龍", 3)) == 3


def test_what_has_no_known_parts_has_no_neighbours():
    kindred = Kindred("海湖")
    for text in ("一", "⿰", "A", "⿰犭龜"):
        assert kindred.of(text) == ()
