from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.datasets.meaning_prompts import meaning_prompts, readings, structure
from tensho.errors import TenshoError
from tensho.ids.syntax import ARITY, leaves, parse
from tensho.models.composer.base import END, ComposerConfig, inverse_cdf
from tensho.models.composer.candidates import compose_meaning, dream_structures, read_prompt
from tensho.models.composer.network import Composer
from tensho.models.weight_file import read_weights
from tensho.seeds import NoiseRows
from tensho.split import split_of
from tensho.text.embedding import embed
from tensho.train.loop import begin_from

MEANT = {
    "氵": ["water", "sea", "river"],
    "火": ["fire", "flame"],
    "月": ["moon"],
    "明": ["bright", "clear"],
    "林": ["forest", "grove"],
    "沐": ["wash"],
}
IDS = {"氵": "氵", "火": "火", "月": "月", "明": "⿰日月", "林": "⿰木木", "沐": "⿰氵木"}


def tiny(longest: int = 7, symbols: str = "⿰⿱⿲⿴⿾氵木日月口火", seed: int = 0) -> Composer:
    """An untrained composer with a memory of fourteen real glosses."""
    torch.manual_seed(seed)
    glosses = [(gloss, i) for i, found in enumerate(MEANT.values()) for gloss in found]
    composer = Composer(
        ComposerConfig(
            symbols=symbols, width=16, blocks=2, heads=2, longest=longest, neighbours=4, voters=6, readings=3,
            characters=len(MEANT), glosses=len(glosses), key_width=8,
        )
    )  # fmt: skip
    composer.memorise(
        torch.from_numpy(embed([gloss for gloss, _ in glosses])),
        torch.tensor([i for _, i in glosses]),
        torch.stack([composer.encode(ids) for ids in IDS.values()]),
    )
    return composer.eval()


def asked(composer: Composer, prompt: str) -> torch.Tensor:
    """A prompt as the network takes it."""
    return torch.from_numpy(read_prompt(composer, prompt))


@pytest.fixture(scope="module")
def composer():
    return tiny()


def taught() -> Composer:
    """The tiny composer after it has learnt its glosses by heart."""
    composer = tiny().train()
    optimizer = torch.optim.AdamW(composer.parameters(), lr=1e-2)
    prompts = torch.cat([asked(composer, found[0]) for found in MEANT.values()])
    targets = torch.stack([composer.encode(ids) for ids in IDS.values()])
    context = composer.context(prompts)
    for _ in range(50):
        loss = composer.loss(targets, context)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return composer.eval()


@given(seed=st.integers(0, 10**9), longest=st.integers(3, 9), temperature=st.sampled_from([0.3, 1.0, 50.0]))
@settings(max_examples=25, deadline=None)
def test_whatever_is_drawn_is_a_whole_sequence_of_bounded_length(seed, longest, temperature):
    composer = tiny(longest)
    codes = composer.draw(composer.no_context(8), NoiseRows(seed, range(8)), temperature=temperature)
    for ids in composer.decode(codes):
        assert 1 <= len(ids) <= longest
        assert len(list(leaves(parse(ids)))) >= 1


def test_a_lone_part_can_be_excluded(composer):
    codes = composer.draw(composer.no_context(64), NoiseRows(1, range(64)), temperature=50.0, fewest=2)
    assert min(map(len, composer.decode(codes))) >= 2


def test_all_operators_of_the_vocabulary_are_drawn(composer):
    codes = composer.draw(composer.no_context(400), NoiseRows(0, range(400)), temperature=50.0)
    assert set("".join(composer.decode(codes))) & ARITY.keys() == set("⿰⿱⿲⿴⿾")


def test_draws_follow_their_probabilities():
    probability = np.tile([0.0, 0.25, 0.0, 0.75, 0.0], (1000, 1))
    uniform = np.arange(1000, dtype=np.float32) / 1000
    assert np.bincount(inverse_cdf(probability, uniform), minlength=5).tolist() == [0, 250, 0, 750, 0]


def test_no_prediction_sees_what_follows(composer):
    context = composer.context(asked(composer, "full moon"))
    codes = composer.encode("⿰日⿱木口")[None]
    altered = codes.clone()
    altered[0, 3] = composer.encode("氵")[0]
    with torch.no_grad():
        before, after = composer(codes, context), composer(altered, context)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


def test_likelihood_is_that_of_one_symbol_after_another(composer):
    context = composer.context(asked(composer, "moon"))
    codes = composer.encode("⿰日月")
    prefix, expected = [1], 0.0
    with torch.no_grad():
        for code in codes[codes != END].tolist():
            expected += float(composer(torch.tensor([prefix]), context)[0, -1].log_softmax(-1)[code])
            prefix.append(code)
        found = composer.likelihood(codes[None], context).item()
    assert found == pytest.approx(expected, abs=1e-4)


def test_votes_are_those_of_a_plain_count(composer):
    prompt = asked(composer, "moon light")
    found = composer.retrieve(prompt, 6)
    context = composer.context(prompt)
    votes = dict.fromkeys(composer.config.symbols, 0.0)
    structures = list(IDS.values())
    for reading, share in enumerate([1.0, 0.5, 0.5]):
        near = found.similarity[0, reading].numpy().astype(np.float64)
        weight = np.exp(10 * (near - near.max()))
        for w, gloss in zip(share * weight / weight.sum(), found.gloss[0, reading].tolist(), strict=True):
            for part in structures[composer.owner[gloss]]:
                if part not in ARITY:
                    votes[part] += w
    total = sum(votes.values())
    for symbol, vote in votes.items():
        code = composer.encode(symbol)[0] if symbol not in ARITY else None
        if code is not None:
            assert context.votes[0, code].item() == pytest.approx(vote / total, abs=1e-4)


def test_a_hidden_character_leaves_no_trace_in_the_context():
    composer = tiny()
    prompt, hidden = asked(composer, "water"), torch.tensor([0])
    before = composer.context(prompt, composer.retrieve(prompt, 14), hidden)
    composer.structures[0] = composer.encode("⿱口口")
    after = composer.context(prompt, composer.retrieve(prompt, 14), hidden)
    torch.testing.assert_close(before.votes, after.votes)
    torch.testing.assert_close(before.structures, after.structures)
    assert not torch.allclose(composer.context(prompt).votes, before.votes)


def test_every_parameter_learns():
    composer = tiny()
    composer.loss(
        torch.stack([composer.encode("⿰氵木"), composer.encode("⿱日⿰木口")]),
        composer.context(torch.cat([asked(composer, "wash water"), asked(composer, "moon")])),
    ).backward()
    for name, parameter in composer.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_what_was_learnt_comes_first_and_says_what_it_is():
    composer = taught()
    assert compose_meaning(composer, "bright", 1)[0].ids == "⿰日月"
    moon = compose_meaning(composer, "moon", 1)[0]
    assert moon.ids == "月"
    assert moon.characters == ("月",)
    wash = compose_meaning(composer, "wash", 1)[0]
    assert wash.parts == (("氵", "water"), ("木", "tree"))
    assert "氵 (water) + 木 (tree)" in wash.explanation
    assert "沐" in wash.explanation


def test_a_candidate_does_not_depend_on_how_many_are_asked_for(composer):
    few, many = (
        compose_meaning(composer, "full moon", 3, seed=5),
        compose_meaning(composer, "full moon", 12, seed=5),
    )
    assert many[:3] == few
    assert len({candidate.ids for candidate in many}) == 12
    assert compose_meaning(composer, "full moon", 12, seed=6) != many


def test_asked_for_more_than_there_is_it_gives_what_it_finds(composer):
    found = compose_meaning(composer, "moon", 200)
    assert len({candidate.ids for candidate in found}) == len(found) > 6
    assert found[:2] == compose_meaning(composer, "moon", 2)


@pytest.mark.parametrize(
    "prompt", ["月", "満月の夜", "小狗", "moon\x00\x07", "🌕", "Mond", "💩" * 100, "a" * 500]
)
def test_prompts_in_any_writing_give_valid_candidates(composer, prompt):
    assert all(parse(candidate.ids) for candidate in compose_meaning(composer, prompt, 2))


@pytest.mark.parametrize(
    ("prompt", "n"), [("", 4), (" \x00", 4), ("moon " * 200_000, 4), ("moon", 0), ("moon", 10**6)]
)
def test_prompts_that_cannot_be_read_are_refused(composer, prompt, n):
    with pytest.raises(TenshoError):
        compose_meaning(composer, prompt, n)


def test_a_dream_depends_on_its_index_alone(composer):
    whole = dream_structures(composer, 40, seed=3)
    assert dream_structures(composer, 7, seed=3, first=13) == whole[13:20]
    assert dream_structures(composer, 40, seed=4) != whole
    assert all(len(ids) > 1 and parse(ids) for ids in whole)


def test_dreams_are_dreamt_again_until_accepted(composer):
    dreams = dream_structures(composer, 32, accept=lambda ids: not ids.startswith("⿰"))
    assert not any(ids.startswith("⿰") for ids in dreams)
    assert len(dream_structures(composer, 2, accept=lambda ids: False)) == 2
    with pytest.raises(TenshoError, match="structures is 0"):
        dream_structures(composer, 0)


def test_saved_and_opened_it_writes_the_same(composer, tmp_path: Path):
    composer.save(tmp_path / "c.safetensors")
    opened = Composer.open(tmp_path / "c.safetensors")
    context = composer.context(asked(composer, "moon"))
    codes = composer.encode("⿰日月")[None]
    with torch.no_grad():
        torch.testing.assert_close(opened(codes, context), composer(codes, context), atol=1e-2, rtol=1e-2)
    assert opened.config == composer.config
    again = tmp_path / "again.safetensors"
    opened.save(again)
    first, second = read_weights(tmp_path / "c.safetensors"), read_weights(again)
    assert first[1] == second[1]
    assert all(torch.equal(first[0][name], second[0][name]) for name in first[0])


def test_to_begin_with_weights_of_other_symbols_is_refused(composer, tmp_path: Path):
    """As many symbols in another order would be as many weights, each of them for the wrong part."""
    composer.save(tmp_path / "c.safetensors")
    same = tiny(seed=3)
    begin_from(same, str(tmp_path / "c.safetensors"))
    torch.testing.assert_close(same.symbol.weight, composer.symbol.weight, atol=1e-3, rtol=1e-2)
    with pytest.raises(TenshoError, match="other symbols"):
        begin_from(tiny(symbols="⿰⿱⿲⿴⿾木氵日月口火"), str(tmp_path / "c.safetensors"))


def test_damaged_weights_are_refused(composer, tmp_path: Path):
    path = tmp_path / "c.safetensors"
    composer.save(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TenshoError):
        Composer.open(path)


@pytest.mark.parametrize("ids", ["⿰氵龍", "⿰⿰⿰⿰氵氵氵氵氵"])
def test_what_is_not_in_the_vocabulary_is_named(composer, ids):
    with pytest.raises(TenshoError, match="cannot read"):
        composer.encode(ids)


def test_examples_hold_training_characters_only():
    given_ = meaning_prompts(10)
    assert {split_of(c) for c in given_.structures} == {"train"}
    assert {split_of(c) for _, c in given_.glosses} == {"train"}
    assert {split_of(prompt.character) for prompt in given_.prompts} == {"train"}
    assert {prompt.character for prompt in given_.prompts} == set(given_.structures)
    assert max(map(len, given_.dreams)) <= 10
    assert set("".join(given_.dreams)) <= set(given_.symbols)
    assert ("moon", "月") in given_.glosses
    prompts = {prompt.text: prompt.character for prompt in given_.prompts}
    assert prompts["say tongue"] == "話"


def test_structures_keep_frequent_parts_whole():
    assert structure("月") == "月"
    assert structure("花") == "⿱艹化"
    assert structure("A") is None


def test_a_prompt_is_read_whole_and_by_word():
    assert readings("small dog with a huge head", 4) == ["small dog with a huge head", "small", "dog", "huge"]
    assert readings("the moon", 4) == ["the moon"]
