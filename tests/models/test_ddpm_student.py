import dataclasses
from typing import Any

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.ddpm import Ddpm, DdpmConfig
from tensho.models.ddpm_student import DdpmStudent, DdpmStudentConfig
from tensho.samplers import ddim

SIZES: dict[str, Any] = {"size": 8, "widths": (8, 16), "blocks": 1, "condition_width": 16, "noise_steps": 24}
CONFIG = DdpmStudentConfig(**SIZES, sampler="ddim", evaluations=3, substeps=4)


class Blank:
    """Data of one white image."""

    digest = "0" * 64

    def __len__(self):
        return 1

    def batch(self, indices):
        return {"image": torch.zeros(len(indices), 1, 8, 8, dtype=torch.uint8)}


def teacher(**settings):
    torch.manual_seed(1)
    model = Ddpm(DdpmConfig(**SIZES, **settings))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def test_it_begins_as_its_teacher():
    student, theirs = DdpmStudent(CONFIG), teacher(sampler="ddim", evaluations=3)
    student.learn_from(theirs)
    assert torch.equal(student.sample(2), theirs.sample(2))


def test_a_style_is_the_teacher_s_of_that_name():
    student = DdpmStudent(dataclasses.replace(CONFIG, styles=("mincho", "kai"), style_drop=0.1))
    theirs = teacher(styles=("gothic", "mincho"), style_drop=0.1)
    student.learn_from(theirs)
    assert student.style is not None
    assert theirs.style is not None
    assert torch.equal(student.style.weight, theirs.style.weight[[1, 2, 2]])


def test_what_it_learns_to_tell_takes_it_where_the_teacher_goes():
    """With D*, one step of DDIM ends where the teacher's four small steps do; the loss is that of the velocity of D*."""
    student, theirs = DdpmStudent(CONFIG), teacher()
    student.learn_from(theirs)
    seen = []
    student.register_forward_hook(lambda _module, given, output: seen.append((*given, output)))
    (losses,) = student.training_step({"image": torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)}, 0)
    ((noisy, t, _, velocity),) = seen
    levels = student.schedule.levels(3)
    fine = student.schedule.levels(12)  # four of the teacher's steps for each of the student's
    errors = []
    with torch.no_grad():
        for x, step, estimate in zip(noisy, t, velocity, strict=True):
            k = [level.t for level in levels].index(int(step))
            now, after = levels[k], levels[k + 1]
            path = fine[4 * k : 4 * k + 5]
            # The last step is where the next level's estimate is asked for.
            walked = list(ddim(theirs.posterior_mean, x[None], [*path, path[-1]] if after.sigma else path))
            end = walked[-1].noisy[0] if after.sigma else walked[-1].clean[0]
            kept = after.sigma / now.sigma
            clean = (end - kept * x) / (after.alpha - kept * now.alpha)
            errors.append((estimate - (now.alpha * x - clean) / now.sigma).square().mean())
    assert losses.total.item() == pytest.approx(torch.stack(errors).mean().item(), rel=1e-3)


def test_each_level_of_a_drawing_is_learned_as_often_as_the_others():
    student = DdpmStudent(CONFIG)
    student.learn_from(teacher())
    seen = []
    student.register_forward_hook(lambda _module, given, _output: seen.append(given[1]))
    list(student.training_step({"image": torch.zeros(9, 1, 8, 8, dtype=torch.uint8)}, 0))
    assert sorted(seen[0].tolist()) == sorted(3 * [level.t for level in student.schedule.levels(3)[:-1]])


@pytest.mark.parametrize("change", [{"evaluations": 0}, {"substeps": 0}, {"sampler": "dpm++"}])
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(CONFIG, **change)


@pytest.mark.parametrize("name", ["vae", "ddpm"])
def test_another_network_cannot_teach(name):
    """vae is no ddpm, and the shipped ddpm is larger than this student."""
    with pytest.raises(TenshoError, match=name):
        DdpmStudent(dataclasses.replace(CONFIG, teacher=name)).prepare(Blank())
