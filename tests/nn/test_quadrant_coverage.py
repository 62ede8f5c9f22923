import torch
from torch.nn import functional

from tensho.nn.quadrant_coverage import quadrant_coverage


def test_coverage_is_the_mean_of_the_bitmap_under_each_quadrant():
    bitmap = torch.randint(0, 256, (1, 1, 48, 48), dtype=torch.uint8)
    places = torch.tensor([[[0.0, 6.0, 4.0]]])
    found = quadrant_coverage(bitmap, places, torch.tensor([[4]]), 8, 8)
    quadrants = functional.pixel_shuffle(found[0], 2)[0, 0]
    expected = functional.avg_pool2d(bitmap.float() / 255, (4, 6))[0, 0]
    torch.testing.assert_close(quadrants[:12, :8], expected, atol=1e-3, rtol=0)
    assert not quadrants[12:].any()
    assert not quadrants[:, 8:].any()
