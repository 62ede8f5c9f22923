import math

import pytest
import torch

from tensho.nn.attention import SpatialAttention
from tensho.nn.unet import UNet


def attention_away_from_zero(channels):
    torch.manual_seed(0)
    attention = SpatialAttention(channels)
    torch.nn.init.normal_(attention.outlet.weight)
    return attention


def test_it_starts_as_the_identity():
    x = torch.randn(2, 16, 4, 4)
    assert torch.equal(SpatialAttention(16)(x), x)


@pytest.mark.parametrize(("channels", "heads"), [(64, 2), (48, 1)])
def test_it_is_softmax_attention_written_out(channels, heads):
    attention = attention_away_from_zero(channels)
    x = torch.randn(2, channels, 3, 5)
    width = channels // heads
    query, key, value = attention.query_key_value(attention.norm(x)).flatten(2).split(channels, 1)
    found = []
    for head in range(heads):
        own = slice(head * width, (head + 1) * width)
        scores = torch.einsum("bcq,bck->bqk", query[:, own], key[:, own]) / math.sqrt(width)
        found.append(torch.einsum("bqk,bck->bcq", scores.softmax(2), value[:, own]))
    expected = x + attention.outlet(torch.cat(found, 1).unflatten(2, (3, 5)))
    torch.testing.assert_close(attention(x), expected, rtol=1e-4, atol=1e-5)


def test_places_are_treated_alike():
    attention, x = attention_away_from_zero(32), torch.randn(1, 32, 4, 4)
    torch.testing.assert_close(
        attention(x.transpose(2, 3)), attention(x).transpose(2, 3), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("side", [1, 7, 14, 16])
@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
def test_a_unet_takes_images_of_any_size(side, upsampling):
    torch.manual_seed(0)
    unet = UNet(3, 2, (8, 16, 16), blocks=1, condition_width=0, attention=2, upsampling=upsampling)
    torch.nn.init.normal_(unet.outlet.weight)
    drawn = unet(torch.randn(2, 3, side, side + 2))
    assert drawn.shape == (2, 2, side, side + 2)
    assert drawn.isfinite().all()
