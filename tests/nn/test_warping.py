import torch

from tensho.nn.warping import warped


def test_no_displacement_changes_nothing():
    images = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(warped(images, torch.zeros(2, 2, 4, 4)), images, atol=1e-5, rtol=0)


def test_whole_pixels_are_shifted_and_paper_comes_in():
    images = torch.rand(1, 1, 16, 16)
    field = torch.zeros(1, 2, 8, 8)
    field[:, 0], field[:, 1] = 3 / 8, -2 / 8  # three pixels across, two up, in half sides of 8 pixels
    moved = warped(images, field)
    torch.testing.assert_close(moved[0, 0, 2:, :13], images[0, 0, :14, 3:], atol=1e-5, rtol=0)
    assert not moved[0, 0, :2].any()
    assert not moved[0, 0, :, 13:].any()


def test_a_ramp_is_read_between_pixels():
    """On x(p) = p the result is p + u(p), with u read bilinearly from its coarse grid; a pixel is 1/16 here."""
    side = 32
    centres = (torch.arange(side) + 0.5) * 2 / side - 1
    ramp = centres.expand(1, 1, side, side)
    coarse = 0.2 * (torch.rand(1, 2, 8, 8) - 0.5)
    expected = ramp + torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")[:, :1]
    inside = slice(6, -6)
    found = warped(ramp.contiguous(), coarse)[..., inside, inside]
    torch.testing.assert_close(found, expected[..., inside, inside], atol=5e-3, rtol=0)
