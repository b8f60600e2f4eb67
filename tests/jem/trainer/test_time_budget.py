"""Runs that end after a time, with a clock that advances by a second whenever it is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.config.load import make_config
from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.config.schema import RunConfig, TrainConfig
from jem_tui.errors import InputError
from jem_tui.events.commands import Command, Pause, Resume, RollBack, SaveNow, Stop
from jem_tui.events.run import MINUTES, Event, Paused, ReportProgress, RunStarted, StepDone
from jem_tui.jem.learner.run_time import RunTime
from jem_tui.jem.learner.schedule import rate_at, steps_of_run
from jem_tui.stream.drive import Source, drive
from tests.jem.runs import SMALL, metrics, opener

RATE = "optimizer/rate"


class Clock:
    """A clock whose every reading is a second after the last one."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        self.time += 1
        return self.time


def timed_config(seconds: float, *words: str) -> RunConfig:
    words = (*SMALL, "optimizer.rate=1e-3", "optimizer.warmup=0", "sgld.steps=1", "record.samples_every=50", *words)
    return make_config("fast", None, [*words, f"train.minutes={seconds / 60}"])


def timed_run(
    config: RunConfig,
    folder: Path,
    resume: bool = False,
    react: Callable[[Event, Queue[Command], Clock], None] = lambda event, queue, clock: None,
) -> list[Event]:
    """Return the events of a run whose clock is read, not waited for."""
    queue: Queue[Command] = Queue()
    events: list[Event] = []
    clock = Clock()

    def open_source(report: ReportProgress) -> Source:
        source = opener(config, folder, resume)(report)
        source.learner.run_time._now = clock
        return source

    def sink(event: Event) -> None:
        events.append(event)
        react(event, queue, clock)

    drive(open_source, sink, queue)
    return events


def seconds_of(events: list[Event]) -> list[float]:
    return [60 * step[MINUTES] for step in metrics(events)]


@pytest.mark.parametrize("graph", ["off", "on"])
@pytest.mark.parametrize("decay", ["linear", pytest.param("cooldown", marks=pytest.mark.slow)])
def test_a_run_ends_with_its_time_at_a_rate_of_almost_zero(tmp_path, graph, decay):
    config = timed_config(100, f"optimizer.decay={decay}", f"train.graph={graph}", "train.read_every=1")
    events = timed_run(config, tmp_path)
    rates, seconds = [step[RATE] for step in metrics(events)], seconds_of(events)
    assert events[-1].reason == "finished"
    assert rates[0] == pytest.approx(1e-3, rel=0.05) and rates[-1] < 1e-3 * 0.2
    assert rates == sorted(rates, reverse=True) and seconds == sorted(seconds)
    assert 85 < seconds[-1] < 100
    assert len(rates) > 10


def test_the_start_of_a_run_states_its_time_and_no_number_of_steps(tmp_path):
    events = timed_run(timed_config(20), tmp_path)
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert (started.total_steps, started.budget_seconds) == (0, pytest.approx(20))


def test_the_first_bound_that_is_reached_ends_the_run(tmp_path):
    by_steps = timed_run(timed_config(1000, "train.max_steps=8", "optimizer.decay=linear"), tmp_path / "steps")
    assert len(metrics(by_steps)) == 8 and metrics(by_steps)[-1][RATE] == pytest.approx(1e-3 / 8)
    by_time = timed_run(timed_config(20, "train.max_steps=1000"), tmp_path / "time")
    seconds, rate = seconds_of(by_time), metrics(by_time)[-1][RATE]
    longest = max(after - before for before, after in pairwise(seconds))
    assert seconds[-1] < 20 <= seconds[-1] + longest
    assert rate == pytest.approx(1e-3 * (1 - seconds[-1] / 20) / 0.3)


def test_a_pause_takes_no_time_of_the_run(tmp_path):
    def pause(event: Event, queue: Queue[Command], clock: Clock) -> None:
        if isinstance(event, StepDone) and event.step == 5:
            queue.put(Pause())
        if isinstance(event, Paused):
            clock.time += 1000
            queue.put(Resume())

    config = timed_config(60)
    paused, straight = timed_run(config, tmp_path / "paused", react=pause), timed_run(config, tmp_path / "straight")
    assert any(isinstance(event, Paused) for event in paused)
    assert metrics(paused) == metrics(straight)


@pytest.mark.parametrize("longer", [1, 2])
def test_a_resumed_run_continues_at_its_fraction_of_the_time(tmp_path, longer):
    def stop(event: Event, queue: Queue[Command], clock: Clock) -> None:
        if isinstance(event, StepDone) and event.step == 8:
            queue.put(Stop(save=True))

    first = timed_run(timed_config(60, "optimizer.decay=linear"), tmp_path, react=stop)
    rest = timed_run(timed_config(60 * longer, "optimizer.decay=linear"), tmp_path, resume=True)
    assert seconds_of(first)[-1] < seconds_of(rest)[0] < seconds_of(first)[-1] + 15
    assert metrics(rest)[0][RATE] == pytest.approx(1e-3 * (1 - seconds_of(rest)[0] / (60 * longer)))
    assert 60 * longer - 15 < seconds_of(rest)[-1] < 60 * longer


def test_a_run_whose_time_is_up_has_nothing_left_to_train(tmp_path):
    timed_run(timed_config(20), tmp_path)
    again = timed_run(timed_config(20), tmp_path, resume=True)[-1]
    assert again.reason == "refused"
    assert "its time of 0.3333 min is up. To train longer, raise --minutes, counted" in again.error


def test_a_rollback_gives_no_time_back(tmp_path):
    def roll_back(event: Event, queue: Queue[Command], clock: Clock) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            queue.put(SaveNow())
        if isinstance(event, StepDone) and event.step == 8 and not rolled:
            rolled.append(event)
            queue.put(RollBack())

    rolled: list[Event] = []
    events = timed_run(timed_config(100), tmp_path, react=roll_back)
    steps = [event.step for event in events if isinstance(event, StepDone)]
    assert steps[:9] == [1, 2, 3, 4, 5, 6, 7, 8, 4]
    assert seconds_of(events) == sorted(seconds_of(events))
    assert events[-1].reason == "finished"


def test_epochs_limit_a_timed_run_only_if_they_are_set():
    assert make_config("fast", None, ["train.minutes=1"]).train.epochs == 0
    assert make_config("fast", None, ["train.minutes=1", "train.epochs=3"]).train.epochs == 3
    flags = [("train.minutes", 1.0, "--minutes")]
    assert make_config("fast", None, ["train.epochs=20"], flags).train.epochs == 20
    with pytest.raises(InputError, match="Nothing ends the run"):
        make_config("fast", None, ["train.epochs=0"])


def test_the_steps_of_a_run_are_its_smallest_bound():
    assert steps_of_run(TrainConfig(epochs=3, pretrain_epochs=1), 10) == 40
    assert steps_of_run(TrainConfig(epochs=3, max_steps=7), 10) == 7
    assert steps_of_run(TrainConfig(epochs=0, max_steps=7), 10) == 7
    assert steps_of_run(TrainConfig(epochs=0), 10) == math.inf


def test_a_device_begins_no_more_steps_than_the_time_allows():
    run_time = RunTime(10, now=lambda: 0.0)
    assert run_time.most_steps(0) == 1
    run_time.pace = 0.5
    run_time.restore(5, 8.0)
    assert (run_time.most_steps(5), run_time.most_steps(7), run_time.most_steps(100)) == (4, 2, 1)
    assert (run_time.before(5), run_time.before(7)) == (8.0, 9.0)


@given(
    st.integers(1, 60) | st.just(math.inf),
    st.floats(1, 100) | st.just(math.inf),
    st.lists(st.floats(0.01, 3), min_size=1, max_size=8),
    st.sampled_from(["linear", "cosine", "cooldown"]),
)
def test_every_run_ends_with_the_last_part_of_its_schedule(steps, budget, durations, decay):
    """Walk through a run that steps or a time end: its last rate is that of less than a step before the end."""
    if math.isinf(steps) and math.isinf(budget):
        steps = 10
    config = replace(OptimizerConfig(rate=1.0, warmup=0), decay=decay, cooldown=0.3)
    time, step, rates = 0.0, 0, []
    while (progress := max(step / steps, time / budget)) < 1:
        rates.append(rate_at(step, progress, config))
        time += durations[step % len(durations)]
        step += 1
    largest_part = max(1 / steps, max(durations) / budget)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] <= min(1.0, largest_part / 0.3) + 1e-9
    assert rate_at(step, progress, config) == 0
