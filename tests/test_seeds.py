import pytest
import torch

from tensho.seeds import BlendedNoise, SampleNoise, derived_seed


def test_a_derived_seed_depends_on_every_part_and_its_place():
    assert derived_seed(1, 2) == derived_seed(1, 2)
    assert len({derived_seed(1, 2), derived_seed(2, 1), derived_seed(12), derived_seed(1, 2, 0)}) == 4
    assert 0 <= derived_seed("anything") < 2**63


def test_a_row_of_noise_depends_on_its_own_index_alone():
    alone, among = SampleNoise(7, [5]), SampleNoise(7, range(16))
    for shape in ((3, 4), (2,)):
        assert torch.equal(alone.normal(*shape)[0], among.normal(*shape)[5])
    assert torch.equal(alone.uniform(9)[0], among.uniform(9)[5])


def test_rows_and_draws_differ_and_are_standard_normal():
    noise = SampleNoise(0, range(8))
    first, second = noise.normal(5_000), noise.normal(5_000)
    everything = torch.stack([first, second])
    assert len(everything.reshape(16, -1)[:, 0].unique()) == 16
    assert abs(everything.mean()) < 0.02
    assert abs(everything.std() - 1) < 0.02


def test_between_two_samples_noise_has_their_ends_and_stays_normal():
    times = [0.0, 0.3, 1.0]
    blended, ends = BlendedNoise(5, 2, 7, times), SampleNoise(5, [2, 7])
    normal, uniform = blended.normal(20_000), blended.uniform(3)
    torch.testing.assert_close(normal[[0, 2]], ends.normal(20_000))
    assert normal.std(1).tolist() == pytest.approx([1, 1, 1], abs=0.02)
    assert torch.equal(uniform[0], uniform[1])
    assert not torch.equal(uniform[0], uniform[2])
