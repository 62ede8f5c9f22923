import torch

from tensho.seeds import SampleNoise, derived_seed


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
