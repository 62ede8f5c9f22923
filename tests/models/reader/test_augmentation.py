import torch

from tensho.models.reader.augmentation import varied


def glyphs(count=64, side=64):
    """A cross each, of strokes four pixels wide."""
    images = torch.zeros(count, 1, side, side)
    images[..., side // 2 - 2 : side // 2 + 2, 8:-8] = 1
    images[..., 8:-8, side // 2 - 2 : side // 2 + 2] = 1
    return images


def test_shapes_range_and_seed():
    images = glyphs()
    torch.manual_seed(0)
    one = varied(images, 0.9)
    assert one.shape == images.shape
    assert one.dtype == torch.float32
    assert one.min() >= 0
    assert one.max() <= 1
    torch.manual_seed(0)
    assert torch.equal(varied(images, 0.9), one)


def test_each_image_is_changed_in_its_own_way_and_some_not_at_all():
    images = glyphs(256)
    torch.manual_seed(0)
    seen = varied(images, 0.9)
    same = (seen == images).flatten(1).all(1)
    assert 0.02 < same.float().mean() < 0.3
    assert len(torch.unique(seen[~same].flatten(1), dim=0)) == int((~same).sum())


def test_strokes_become_thicker_and_thinner_but_do_not_vanish():
    images = glyphs(512)
    torch.manual_seed(0)
    ink = (varied(images, 0.9) > 0.4).float().mean((1, 2, 3)) / (images > 0.4).float().mean((1, 2, 3))
    assert ink.min() < 0.75
    assert ink.max() > 1.3
    assert (ink > 0.25).float().mean() > 0.97
