"""Failures of the metrics of health checks: the run continues without them, on all ranks alike."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from jem_tui.events.run import Note
from jem_tui.jem.learner.failed_metrics import FailedMetrics
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.stability import gradient_ratio, sampler_diagnostics
from jem_tui.jem.stability.check_metrics import metrics_at_check
from tests.jem.broken import broken_config
from tests.jem.runs import metrics, run
from tests.jem.stepping.steps import learner_of
from tests.ranks.threads import on_threads

CHECKED = "stability.snapshot_every=4"
PARTS = ["move_chains", "of_energies", "examine", "gradients"]
"""Functions of the diagnostics that run between two exchanges."""


def module_of(part: str) -> ModuleType:
    return sampler_diagnostics if hasattr(sampler_diagnostics, part) else gradient_ratio


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), KeyError("x"), SystemExit(3)]
)
def test_a_failure_is_noted_once_and_the_metrics_are_not_measured_again(tmp_path, monkeypatch, error):
    learner, passes = learner_of(tmp_path, CHECKED), []

    def fail(*given):
        passes.append(given)
        raise error

    assert metrics_at_check(learner, 4)
    assert metrics_at_check(learner, 5) == metrics_at_check(learner, 0) == {}
    monkeypatch.setattr(learner.network, "forward", fail)
    assert metrics_at_check(learner, 4) == metrics_at_check(learner, 8) == metrics_at_check(learner, 12) == {}
    assert len(passes) == 1
    (note,) = learner.failed_metrics.take_notes()
    assert type(error).__name__ in note
    assert learner.failed_metrics.take_notes() == []


@pytest.mark.parametrize("part", PARTS)
def test_a_failure_of_one_rank_leaves_no_rank_waiting(tmp_path: Path, monkeypatch, part: str):
    learner = learner_of(tmp_path, CHECKED)
    module, own = module_of(part), {}
    intact = getattr(module, part)

    def fail(*given):
        if threading.current_thread() is own.get(1):
            raise MemoryError
        return intact(*given)

    monkeypatch.setattr(module, part, fail)

    def measure(ranks: Ranks) -> tuple[dict[str, float], list[str]]:
        own[ranks.rank] = threading.current_thread()
        each = replace(learner, ranks=ranks, failed_metrics=FailedMetrics())
        return metrics_at_check(each, 12), each.failed_metrics.take_notes()

    (first, notes), (second, others) = on_threads(2, measure)
    assert first == second == {}
    assert notes == others and "MemoryError" in notes[0]


def test_the_note_of_a_failure_is_an_event_and_the_run_continues(tmp_path, monkeypatch):
    without = run(broken_config(max_steps=6), tmp_path / "intact")

    def fail(*given):
        raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED")

    monkeypatch.setattr(gradient_ratio, "examine", fail)
    events = run(broken_config(max_steps=6), tmp_path / "failing")
    notes = [event for event in events if isinstance(event, Note) and "metrics of health checks" in event.text]
    assert [(note.step, note.kind) for note in notes] == [(5, "warning")]
    assert [step["JEM/total"] for step in metrics(events)] == [step["JEM/total"] for step in metrics(without)]
