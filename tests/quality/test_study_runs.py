"""Runs of a study: their length, their continuation after a kill, and their locks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch

from benchmarks.quality import train_run
from benchmarks.quality.best_weights import FOLDER, rank
from benchmarks.quality.evaluate import RunEvaluation, read_correct, read_figures
from benchmarks.quality.roles import ROLES, with_words
from benchmarks.quality.run_record import RunRecord
from benchmarks.quality.speed import Speed, speed_of
from benchmarks.quality.study import CLOCKS, Plan
from benchmarks.quality.train_run import TimedRun, has_ended, train
from benchmarks.quality.tuning import SPACE, store_winner, trial_plans, trials
from benchmarks.quality.work import Task, claimed, work_through
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import Event, StepDone
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.evaluation.request import QUICK
from jem_tui.jem.learner.schedule import rate_at
from jem_tui.stream.runs.run_dir import read_run_file
from tests.quality.studies import STEPS_PER_SECOND, in_other_folder, plan_of, study_in

CLASSIFIED = replace(QUICK, parts=("classification",), on="validation")


def test_minutes_become_steps_at_the_speed_of_the_role():
    speed = Speed(steps_per_second=12.5, steps_per_epoch=100, words=[], clock="cpu")
    assert (speed.steps_in(2), speed.steps_in(0)) == (1500, 1)


def test_the_schedule_of_a_run_ends_with_its_minutes(tmp_path: Path):
    plan = plan_of(study_in(tmp_path), steps=1001)
    config = plan.settings(speed_of(plan.study, plan.role))
    steps = config.train.max_steps
    assert steps == 1001 * STEPS_PER_SECOND
    assert config.train.epochs * 500 >= steps > (config.train.epochs - 1) * 500
    assert rate_at(steps - 1, (steps - 1) / steps, config.optimizer) < 0.01 * config.optimizer.rate


def test_the_speed_of_a_role_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    study = replace(study_in(tmp_path), probe=0)
    first = speed_of(study, ROLES["jem"])
    assert first.steps_per_second > 0
    assert first.steps_per_epoch == 9500 // 16
    assert speed_of(study, ROLES["jem"]) == first
    with pytest.raises(InputError, match="other settings"):
        speed_of(study, with_words(ROLES["jem"], ["sgld.steps=1"]))


class KilledAt:
    """Copies the folder of a study while its run takes a step: what a kill at that moment would leave."""

    def __init__(self, step: int, work: Path, copy: Path) -> None:
        self._step, self._work, self._copy = step, work, copy
        self._take = TimedRun._take

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Copy at the step of the next run, and restore what was replaced."""

        def take(run: TimedRun, event: Event, took: float) -> None:
            self._take(run, event, took)
            if isinstance(event, StepDone) and event.step == self._step and not self._copy.exists():
                shutil.copytree(self._work, self._copy)

        monkeypatch.setattr(TimedRun, "_take", take)


@pytest.mark.parametrize("role", ["jem", pytest.param("twin", marks=pytest.mark.slow)])
def test_a_killed_run_continues_with_its_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str):
    ticks = count()
    monkeypatch.setitem(CLOCKS, "cpu", lambda: float(next(ticks)))  # type: ignore[index]
    plan = plan_of(study_in(tmp_path / "work"), role)
    KilledAt(8, tmp_path / "work", tmp_path / "killed").install(monkeypatch)
    train(plan)
    continued = in_other_folder(plan, tmp_path / "killed")
    assert read_run_file(continued.folder).status == "running"
    kept = RunRecord(continued.folder).now
    assert 0 < kept.step < 8
    train(continued)
    ends = [RunRecord(each.folder) for each in (plan, continued)]
    assert [end.now.step for end in ends] == [12, 12]
    assert ends[1].now.seconds >= kept.seconds + 12 - kept.step
    assert 12 <= ends[1].now.seconds < 24
    assert ends[0].best == ends[1].best
    weights = [load_newest_checkpoint(each.folder, torch.device("cpu"))[0] for each in (plan, continued)]
    networks = [state["learner"]["network"] for state in weights]
    assert all(torch.equal(value, networks[1][name]) for name, value in networks[0].items())


def test_a_run_that_has_ended_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plan = plan_of(study_in(tmp_path))
    train(plan)
    monkeypatch.setattr(train_run, "TimedRun", None)
    # A kill between the last checkpoint and the end of the run leaves this status.
    train_run.mark_ended(plan.folder, "running")
    train(plan)
    assert has_ended(plan)
    with pytest.raises(InputError, match=r"sgld\.steps"):
        train_run.refuse_other_settings(plan.folder, changed(plan), plan.settings(speed_of(plan.study, plan.role)))


def changed(plan: Plan) -> RunConfig:
    """Return the settings of a plan with another number of SGLD steps."""
    config = plan.settings(speed_of(plan.study, plan.role))
    return replace(config, sgld=replace(config.sgld, steps=7))


@pytest.mark.slow
def test_evaluations_are_kept_and_repeated_only_with_another_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plan = plan_of(study_in(tmp_path), "twin")
    task = Task(plan=plan, request=CLASSIFIED)
    assert not task.done
    assert work_through([task])
    assert task.done
    assert read_figures(plan, "validation")["classification"]["images"] == 500
    correct = read_correct(plan, "validation")
    assert correct is not None
    assert correct.mean() == pytest.approx(read_figures(plan, "validation")["classification"]["accuracy"])
    assert (plan.folder / FOLDER / "model.npz").exists()
    other = replace(CLASSIFIED, seed=1)
    assert RunEvaluation(plan, other).missing() == ["classification"]
    monkeypatch.setattr(Task, "complete", None)
    assert work_through([task])


def test_a_run_belongs_to_the_process_that_holds_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    task = Task(plan=plan_of(study_in(tmp_path)), request=replace(CLASSIFIED, parts=()))
    with claimed(task.plan) as first, claimed(task.plan) as second:
        assert (first, second) == (True, False)
        assert work_through([task])
        assert not task.plan.begun
    with claimed(task.plan) as free:
        assert free


def test_a_run_that_fails_leaves_the_others_to_be_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    tasks = [Task(plan=plan_of(study_in(tmp_path), seed=seed), request=CLASSIFIED) for seed in range(2)]
    completed = []

    def complete(task: Task) -> None:
        completed.append(task.plan.seed)
        if task.plan.seed == 0:
            raise RuntimeError("no memory")

    monkeypatch.setattr(Task, "complete", complete)
    assert not work_through(tasks)
    assert completed == [0, 1]
    assert "no memory" in capsys.readouterr().err


def test_early_stopping_prefers_accuracy_and_then_cross_entropy():
    ranked = sorted(
        [{"accuracy": 0.9, "xe": 0.1}, {"accuracy": 0.8, "xe": 0.05}, {"accuracy": 0.9, "xe": 0.2}], key=rank
    )
    assert ranked[-1] == {"accuracy": 0.9, "xe": 0.1}


def test_trials_are_distinct_and_the_best_becomes_the_role(tmp_path: Path):
    study = study_in(tmp_path)
    found = trials(ROLES["twin"], 6)
    assert len({each.words for each in found}) == len({each.name for each in found}) == 6
    assert all(word.partition("=")[0] in SPACE for word in found[3].words)
    with pytest.raises(InputError, match="tune"):
        trials(ROLES["jem"], 2)
    plans = trial_plans(study, ROLES["twin"], 2, 1.0)
    with pytest.raises(InputError, match="2 of 2"):
        store_winner(study, ROLES["twin"], plans)
