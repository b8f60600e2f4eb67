"""Damaged files of a study: each reader raises an error that names the file, and the other runs of the study are completed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import work
from benchmarks.quality.evaluate import correct_file, evaluation_file, read_correct, read_figures
from benchmarks.quality.json_file import write_table
from benchmarks.quality.roles import ROLES, TUNED_FILE, tuned_words
from benchmarks.quality.run_record import RECORD_FILE, RunRecord
from benchmarks.quality.speed import speed_of
from benchmarks.quality.study import Plan
from benchmarks.quality.tuning import tuning_table
from benchmarks.quality.work import Task, work_through
from jem_tui.errors import InputError
from jem_tui.jem.evaluation.request import QUICK
from tests.quality.studies import plan_of, study_in

Reader = Callable[[Plan], object]
MARK = {"step": 3, "seconds": 1.5, "other": 0.5, "diverged": 0}
SPEED = {"steps_per_second": 2.0, "steps_per_epoch": 9, "words": [], "clock": "cpu"}
TRIAL = {"words": ["data.translate=0"], "accuracy": 0.9, "xe": 0.3, "step": 5}

FILES: dict[str, tuple[Callable[[Plan], Path], Reader]] = {
    "speed": (lambda plan: plan.study.work / "jem" / "speed.json", lambda plan: speed_of(plan.study, plan.role)),
    "tuned": (lambda plan: plan.study.work / TUNED_FILE, lambda plan: tuned_words(plan.study.work)),
    "table of trials": (
        lambda plan: plan.study.work / TUNED_FILE,
        lambda plan: tuning_table(plan.study, ROLES["twin"]),
    ),
    "clock": (lambda plan: plan.folder / RECORD_FILE, lambda plan: RunRecord(plan.folder)),
    "figures": (lambda plan: evaluation_file(plan, "test"), lambda plan: read_figures(plan, "test")),
    "outcomes": (lambda plan: correct_file(plan, "test"), lambda plan: read_correct(plan, "test")),
}
CUT = [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe", b"[" * 100_000]
CHANGED = [
    ("speed", SPEED | {"steps_per_second": "fast"}),
    ("speed", SPEED | {"steps_per_second": float("nan")}),
    ("speed", SPEED | {"unknown": 1}),
    ("speed", {"steps_per_second": 2.0}),
    ("tuned", {"twin": []}),
    ("tuned", {"twin": {"words": 3}}),
    ("table of trials", {}),
    ("table of trials", {"twin": {"minutes": 1, "trials": [TRIAL | {"xe": "small"}]}}),
    ("clock", {"marks": [MARK | {"seconds": "long"}]}),
    ("clock", {"marks": [{"step": 3}]}),
    ("clock", {"marks": 3}),
    ("clock", {"marks": [MARK], "best": {"step": 3}}),
    ("clock", {"marks": [MARK], "best": "last"}),
    ("figures", {"evaluation": []}),
]


def refused(name: str, plan: Plan) -> None:
    """Assert that the reader of a file raises an error with the path of the file and what to do."""
    path, read = FILES[name]
    with pytest.raises(InputError) as error:
        read(plan)
    assert str(path(plan)) in error.value.message
    assert error.value.hint


@pytest.mark.parametrize("content", CUT, ids=["empty", "cut", "list", "null", "no text", "deep"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_with_other_content_is_refused_by_name(tmp_path: Path, name: str, content: bytes):
    plan = plan_of(study_in(tmp_path))
    path = FILES[name][0](plan)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    refused(name, plan)


@pytest.mark.parametrize(("name", "table"), CHANGED)
def test_a_file_with_changed_values_is_refused_by_name(tmp_path: Path, name: str, table: dict[str, object]):
    plan = plan_of(study_in(tmp_path))
    write_table(FILES[name][0](plan), table)
    refused(name, plan)


def test_outcomes_of_another_type_are_refused(tmp_path: Path):
    plan = plan_of(study_in(tmp_path))
    path = correct_file(plan, "test")
    path.parent.mkdir(parents=True)
    np.save(path, np.zeros((2, 2)))
    refused("outcomes", plan)


def test_a_damaged_run_leaves_the_others_to_be_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    study = study_in(tmp_path)
    tasks = [Task(plan=plan_of(study, seed=seed), request=replace(QUICK, parts=("ood",))) for seed in (0, 1)]
    damaged = evaluation_file(tasks[0].plan, QUICK.on)
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{")
    monkeypatch.setattr(work, "has_ended", lambda plan: True)
    monkeypatch.setattr(Task, "_lost", False)
    completed: list[Plan] = []
    monkeypatch.setattr(Task, "complete", lambda task: completed.append(task.plan))
    assert not work_through(tasks)
    assert completed == [tasks[1].plan]
    assert f"{damaged} is damaged" in capsys.readouterr().err
