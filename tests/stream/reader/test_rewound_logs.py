"""Runs that were rolled back: their records, replays, summaries and printed lines."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from queue import Queue

import pytest
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from jem_tui.events.commands import Command, Seek, Stop
from jem_tui.events.describe import sentence
from jem_tui.events.run import TOTAL, Event, Rewound, RunStarted, Samples, StepDone
from jem_tui.stream.console.downsample import CurveCollector, DownsampledCurve
from jem_tui.stream.console.line_output import JsonLines, PlainLines
from jem_tui.stream.console.progress_bar import ProgressDisplay
from jem_tui.stream.console.running_means import RunningMeans
from jem_tui.stream.drive import drive
from jem_tui.stream.replay.replayer import Replayer, read_events
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.tui.state.run_state import RunState
from tests.stream.stream_events import all_equal, record, rewound, rewound_run, samples, started, step_done, stopped


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return record(tmp_path / "run", rewound_run())


def steps_of(emitted: list[Event]) -> list[tuple[int, float]]:
    return [(event.step, event.metrics[TOTAL]) for event in emitted if isinstance(event, StepDone)]


def sought(run_dir: Path, step: int) -> list[Event]:
    """Return what a replay emits for a jump to `step` right after its start."""
    emitted: list[Event] = []
    commands: Queue[Command] = Queue()
    answers = [Seek(step=step), Stop(save=False)]

    def sink(event: Event) -> None:
        emitted.append(event)
        if isinstance(event, RunStarted):
            commands.put(answers.pop(0))

    drive(lambda report: Replayer(run_dir, 1000.0), sink, commands)
    return emitted


def test_the_recording_keeps_void_steps(run_dir: Path):
    assert all_equal(list(read_events(run_dir)), rewound_run())
    assert read_run_file(run_dir).step == 12


def test_tensorboard_displays_the_valid_steps(run_dir: Path):
    log = EventAccumulator(str(run_dir)).Reload()
    points = [(event.step // 64, event.value) for event in log.Scalars(TOTAL)]
    assert points == [(step, 9.0) for step in range(1, 5)] + [(step, 1.0) for step in range(5, 13)]


@pytest.mark.parametrize(
    ("target", "last"), [(3, (3, 9.0)), (4, (4, 9.0)), (5, (5, 1.0)), (9, (9, 1.0)), (12, (12, 1.0)), (99, (12, 1.0))]
)
def test_a_seek_jumps_to_the_valid_occurrence_of_a_step(run_dir: Path, target: int, last: tuple[int, float]):
    emitted = sought(run_dir, target)
    state = RunState()
    for event in emitted:
        state.apply(event)
    series = state.run.series[TOTAL]
    assert (series.images[-1] // 64, series.values[-1]) == last
    assert any(isinstance(event, Rewound) for event in emitted) == (target >= 4)


def test_seeking_shows_no_void_picture(run_dir: Path):
    assert [event.step for event in sought(run_dir, 8) if isinstance(event, Samples)] == [4]


def test_a_resumption_after_a_rollback_voids_only_the_steps_that_it_repeats(run_dir: Path):
    record(run_dir, [started(6), step_done(7, 2.0), step_done(8, 2.0), stopped(8)])
    emitted = steps_of(list(read_events(run_dir)))
    assert emitted == [*((step, 9.0) for step in range(1, 11)), (5, 1.0), (6, 1.0), (7, 2.0), (8, 2.0)]


def test_a_resumption_before_a_rollback_voids_the_rollback(run_dir: Path):
    record(run_dir, [started(3), step_done(4, 2.0), stopped(4)])
    emitted = list(read_events(run_dir))
    assert steps_of(emitted) == [(1, 9.0), (2, 9.0), (3, 9.0), (4, 2.0)]
    assert not any(isinstance(event, Rewound) for event in emitted)


def test_a_summary_shows_the_valid_part_of_a_curve():
    collector = CurveCollector()
    for event in rewound_run():
        collector(event)
    values = [(point.images // 64, point.value) for point in collector.curves[TOTAL].points()]
    assert values == [(step, 9.0) for step in range(1, 5)] + [(step, 1.0) for step in range(5, 13)]
    assert collector.samples is not None
    assert collector.samples.step == 4


def test_a_long_curve_is_cut_to_within_a_stretch():
    curve = DownsampledCurve()
    for step in range(1, 2001):
        curve.add(step, 1.0 if step <= 1000 else 9.0)
    curve.truncate_after(1000)
    assert all(point.images <= 1000 for point in curve.points())
    assert all(point.value == 1.0 for point in curve.points()[:-1])
    assert curve.points()[-1].images == pytest.approx(1000, abs=8)


def test_means_and_speed_restart_after_a_rollback():
    recent = RunningMeans()
    for event in rewound_run()[:14]:
        recent(event)
    assert math.isnan(recent.mean(TOTAL))
    for event in rewound_run()[14:]:
        recent(event)
    assert recent.mean(TOTAL) == 1.0
    assert recent.images_per_second() == pytest.approx(8 * 64 / 12)


def test_a_rollback_is_described_with_its_numbers():
    assert sentence(rewound(450, 200, attempt=2, rate_factor=0.25, steps_factor=2.25)) == (
        "rolled back from step 450 to 200 (try 2 of 3): rate × 0.25, K × 2.25, 64 chains restarted"
    )
    assert "1 chain restarted" in sentence(rewound(450, 200, reseeded=1))


def test_plain_lines_print_divergence_and_rollback_and_continue():
    stream = io.StringIO()
    clock = iter(range(0, 10_000, 3))
    sink = PlainLines(stream, lambda: float(next(clock)))
    for event in rewound_run():
        sink(event)
    lines = stream.getvalue().splitlines()
    at = lines.index("diverged: the loss is nan")
    assert lines[at - 1].startswith("step 10 of 12")
    assert lines[at + 1].startswith("rolled back from step 10 to 4 (try 1 of 3)")
    assert [line.split(" of")[0] for line in lines[at + 2 :] if " of 12" in line] == [
        f"step {n:>2}" for n in range(5, 13)
    ]
    assert all("nan" not in line for line in lines[at + 2 :])


def test_json_lines_hold_divergence_and_rollback_in_full():
    stream = io.StringIO()
    sink = JsonLines(stream)
    for event in rewound_run():
        sink(event)
    emitted = {line["event"]: line for line in map(json.loads, stream.getvalue().splitlines())}
    assert emitted["Diverged"]["numbers"] == {"loss": "NaN"}
    back = emitted["Rewound"]
    assert (back["step"], back["from_step"], back["rate_factor"], back["reseeded"]) == (4, 10, 0.5, 64)


def test_the_progress_display_follows_a_rollback():
    stream = io.StringIO()
    console = Console(file=stream, width=100, height=10, force_terminal=True, color_system=None)
    clock = iter(range(10_000))
    display = ProgressDisplay(console, lambda: float(next(clock)))
    for event in [*rewound_run()[:14], samples(4), step_done(5, 1.0)]:
        display(event)
    display.close()
    shown = stream.getvalue()
    assert shown.index("step 10/12") < shown.index("rolled back from step 10 to 4") < shown.rindex("step 5/12")
