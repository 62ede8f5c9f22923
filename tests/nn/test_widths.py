import pytest
import torch

from tensho.nn.widths import WidthHead


def fresh():
    """A head whose networks are silent, so that the guesses alone decide."""
    head = WidthHead(5, 24)
    with torch.no_grad():
        for parameter in head.answer[-1].parameters():
            parameter.zero_()
    return head


def likeliest(natural, neighbour, columns):
    given = (torch.tensor([row]) for row in (natural, neighbour, columns))
    natural, neighbour, columns = given
    logits = fresh()(torch.zeros_like(columns), natural.float(), neighbour, columns, torch.tensor([6]))
    assert logits.shape == (1, columns.shape[1], 24)
    return logits.argmax(-1)[0] + 1


def test_letters_of_one_width_stay_so():
    assert likeliest([4, 9, 2], [8, 8, 8], [8, 8, 0])[2] == 8


def test_a_near_font_of_the_same_widths_decides():
    assert likeliest([5, 5, 10], [5, 5, 9], [5, 5, 0])[2] == 9


def test_without_a_near_font_natural_widths_count_in_proportion():
    """Twice as wide as natural: the letter of 5 is 10 wide, the mean of the known ones is 9."""
    assert likeliest([4, 5, 5], [0, 0, 0], [8, 10, 0])[2] in (9, 10)


@pytest.mark.parametrize("columns", [[1, 0], [24, 0]])
def test_guesses_stay_within_the_grid(columns):
    assert 1 <= likeliest([0.1, 400.0], [24, 24], columns)[1] <= 24
