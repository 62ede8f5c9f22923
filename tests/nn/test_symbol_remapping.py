import torch

from tensho.nn.symbol_remapping import remapped_symbols
from tensho.text.ascii_grid import COLUMNS, PAD, ROWS


def test_a_neighbour_is_written_in_the_symbols_of_the_given_letters():
    given = torch.full((1, 2, ROWS, COLUMNS), PAD)
    near = given.clone()
    near[0, :, :2, :2] = torch.tensor([[5, 0], [6, 5]])
    given[0, 0, :4, :2] = torch.tensor([[40, 0], [40, 0], [41, 40], [41, 40]])
    found = remapped_symbols(near, given, torch.tensor([4]), torch.tensor([[2, 4]]))
    assert found[0, 1, :4, :4].tolist() == [[40, 40, 0, 0]] * 2 + [[41, 41, 40, 40]] * 2
    assert (found[0, 1, 4:] == PAD).all()
    near[0, 1, 0, 0] = 7
    found = remapped_symbols(near, given, torch.tensor([4]), torch.tensor([[2, 2]]))
    assert found[0, 1, 0, 0] == 40, "the commonest stands for what never occurs"
