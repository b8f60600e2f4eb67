"""The functions and commands on the page about own metrics, samplers and initial distributions."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.sampling.sampler import sampling_task, states
from jem_tui.plugins.kinds import SAMPLER
from jem_tui.stream.reader.read_points import read_points
from tests.cli.in_process import call
from tests.documented_commands import ROOT, commands_in
from tests.jem.own_code import plugged
from tests.jem.runs import SMALL

PAGE = ROOT / "docs" / "how-to" / "own-sampler-and-metric.md"
CODE = "\n\n".join(re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def last_state(function: Callable[..., Any], steps: int, config: SgldConfig, **args: object) -> Tensor:
    """Return 2,000 chains of four numbers on the energy |x|² / 2 after `steps` steps from 0."""
    task = sampling_task(torch.zeros(2000, 1, 2, 2), half_square, steps, config, torch.Generator().manual_seed(1))
    *_, last = states(plugged(SAMPLER, function, **args), task)
    return last


def half_square(x: Tensor) -> Tensor:
    return x.square().flatten(1).sum(1) / 2


@pytest.fixture(scope="module")
def mine() -> ModuleType:
    module = ModuleType("mine")
    exec(compile(CODE, str(PAGE), "exec"), vars(module))
    return module


def test_mala_has_the_exact_variance_at_a_step_size_at_which_langevin_has_not(mine):
    rate = 0.8
    x = last_state(mine.mala, 60, SgldConfig(step_size=rate, noise_scale=(2 * rate) ** 0.5, clip=False))
    langevin = 1 / (1 - rate / 2)
    assert x.var().item() == pytest.approx(1, abs=0.06) and langevin > 1.6


def test_underdamped_dynamics_have_the_variance_of_their_temperature(mine):
    x = last_state(mine.underdamped, 600, SgldConfig(step_size=0.01, noise_scale=0.03), friction=0.05)
    assert x.var().item() == pytest.approx(0.03**2 / 0.01, rel=0.08)


@pytest.mark.slow
def test_the_commands_run_with_the_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine.py").write_text(CODE)
    small = [word for setting in SMALL for word in ("-s", setting) if "max_steps" not in setting]
    for number, words in enumerate(commands_in(PAGE)):
        resumed = "--resume" in words
        given = small if words[0] == "train" and not resumed else []
        shorter = {"train": ["--no-ui", "--max-steps", 3 + number], "sample": ["--count", 4, "--steps", 2]}[words[0]]
        done = call(words[0], *given, *words[1:], *shorter, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
    points = read_points(tmp_path / "runs" / "metrics").points
    assert len(points["metric/distance"]) == 3
    assert len(points["metric/gradient_norms/0.1.weight"]) == 1
    sys.modules.pop("mine", None)
