import torch

from tensho.models.brush.augmentation import distorted


def slanted_stroke(size=64):
    """A stroke from the upper left to the lower right, on paper."""
    image = torch.full((1, 1, size, size), -1.0)
    for k in range(16, 48):
        image[..., k, k - 2 : k + 3] = 1.0
    return image


def test_paper_stays_paper_and_values_stay_in_range():
    torch.manual_seed(0)
    assert distorted(torch.full((8, 2, 32, 32), -1.0)).max() == -1
    bent = distorted(2 * torch.rand(8, 2, 32, 32) - 1)
    assert bent.min() >= -1
    assert bent.max() <= 1


def test_a_glyph_and_its_draft_are_bent_alike_and_samples_differ():
    torch.manual_seed(0)
    bent = distorted(slanted_stroke().expand(4, 2, -1, -1))
    assert torch.equal(bent[:, 0], bent[:, 1])
    assert not torch.equal(bent[0], bent[1])


def test_ink_is_kept_and_nothing_is_mirrored():
    """The stroke still falls to the right, whatever happens to it, and has about as much ink."""
    torch.manual_seed(0)
    image = slanted_stroke()
    ink = ((image + 1) / 2).sum()
    for bent in distorted(image.expand(64, 1, -1, -1)):
        weights = (bent[0] + 1) / 2
        assert 0.7 < weights.sum() / ink < 1.4
        rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
        points = torch.stack([rows.flatten(), columns.flatten()])
        assert torch.cov(points, aweights=weights.flatten())[0, 1] > 0
