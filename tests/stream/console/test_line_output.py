"""Lines that a run without a screen prints to stdout and stderr."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from rich.console import Console

from jem_tui.events.run import Event, Loading, Note, Sampling, Stopped
from jem_tui.stream.console.line_output import JsonLines, PlainLines
from jem_tui.stream.console.progress_bar import ProgressDisplay
from jem_tui.stream.console.running_means import RunningMeans
from jem_tui.stream.fan_out import StreamSink
from tests.stream.stream_events import (
    METRICS,
    energies,
    evaluated,
    rank_states,
    samples,
    small_run,
    started,
    step_done,
    stopped,
)

LOADING = Loading(step=0, images=0, time=1.0, text="loading torch", fraction=0.5)
SAMPLING = Sampling(step=0, images=0, time=1.0, k=3, of=20)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def plain_lines(events: list[Event], seconds_each: float) -> list[str]:
    stream, clock = io.StringIO(), Clock()
    sink = PlainLines(stream, clock)
    for event in events:
        clock.seconds += seconds_each
        sink(event)
    return stream.getvalue().splitlines()


def test_json_lines_are_one_object_a_line_for_all_but_passing_events():
    stream = io.StringIO()
    sink = JsonLines(stream)
    emitted = [*small_run(5), stopped(5)]
    for event in [LOADING, SAMPLING, *emitted]:
        sink(event)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in emitted]
    assert all(list(line)[:4] == ["event", "step", "images", "time"] for line in lines)
    assert set(lines[1]["metrics"]) == set(METRICS)
    assert lines[-1]["reason"] == "finished"


class FlushCounting(io.StringIO):
    flushed = 0

    def flush(self) -> None:
        self.flushed += 1


def test_json_lines_reach_their_reader_at_once():
    stream = FlushCounting()
    for event in small_run(5):
        JsonLines(stream)(event)
    assert stream.flushed == len(small_run(5))


class Failing(io.StringIO):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        raise self._error


@pytest.mark.parametrize("make", [JsonLines, PlainLines])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "no process reads it"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (ValueError("I/O operation on closed file"), "closed file"),
        (SystemExit(1), "no process reads it"),
    ],
)
def test_output_that_fails_is_reported_once_and_ends_no_run(
    make: Callable[[io.StringIO], Callable[[Event], None]], error: BaseException, reason: str
):
    lines_written: list[str] = []
    stream = Failing(error)
    outlet = StreamSink(make(stream), stream, "stdout", lines_written.append)
    emitted = []
    for event in (started(), step_done(1), step_done(2), stopped(2)):
        outlet(event)
        emitted += outlet.pending_notes()
    assert len(lines_written) == len(emitted) == stream.writes == 1
    assert reason in lines_written[0] and emitted[0].text == lines_written[0]
    assert (emitted[0].step, emitted[0].kind) == (0, "warning")


def test_plain_lines_are_sparse_and_end_with_the_last_step():
    steps = [step_done(step) for step in range(1, 1001)]
    lines = plain_lines([started(total_steps=1000), *steps, stopped(1000)], 0.1)
    assert 48 <= len(lines) <= 54
    assert lines[0] == "training on cpu, seed 7, 1,234 parameters"
    assert lines[-2].startswith("step 1,000 of 1,000  images      64,000  total")
    assert lines[-1] == "finished at step 1,000"


def test_a_refusal_before_the_first_event_names_no_step():
    refused = Stopped(step=0, images=0, time=1.0, reason="refused", error="No data.")
    assert plain_lines([refused], 0.1)[-1] == "refused"


def test_plain_lines_of_a_long_run_wait_for_one_per_cent_or_half_a_minute():
    steps = [step_done(step) for step in range(1, 1001)]
    quick = plain_lines([started(total_steps=50_000), *steps, stopped(1000)], 0.01)
    slow = plain_lines([started(total_steps=1_000_000), *steps, stopped(1000)], 1.0)
    assert len([line for line in quick if line.startswith("step")]) == 3
    assert 33 <= len([line for line in slow if line.startswith("step")]) <= 35


def test_plain_lines_are_aligned():
    steps = [step_done(step, value=-1.5 if step % 2 else 123.456) for step in range(1, 500)]
    lines = [line for line in plain_lines([started(total_steps=500), *steps], 1.0) if line.startswith("step")]
    assert len(lines) > 50
    assert len({line.index("accuracy") for line in lines}) == 1
    assert len({line.index("nrg") for line in lines}) == 1
    assert lines[-1].endswith("mean of 50")


def test_notable_events_get_a_line_after_the_pending_step():
    note = Note(step=2, images=128, time=2.0, text="saved \x1b[2J here")
    events = [started(), step_done(1), samples(1), energies(1), step_done(2), note, evaluated(2), stopped(2)]
    lines = plain_lines(events, 0.0)
    assert [line.split()[0] for line in lines] == ["training", "step", "step", "saved", "validation:", "finished"]
    assert lines[3] == "saved \\x1b[2J here"
    assert lines[4] == "validation: accuracy 97.12%, xe 0.1, ece 0.02"


def test_plain_lines_name_the_ranks_once_and_the_slowest_at_the_end():
    events = [
        started(),
        rank_states(5, 16),
        step_done(9),
        rank_states(10, 16, waiting=(0.02, *[0.5] * 15)),
        stopped(10),
    ]
    lines = plain_lines(events, 1.0)
    assert [line for line in lines if "rank" in line] == [
        "16 ranks on 2 hosts",
        "rank 0 on node0 is the slowest: it waits 2% of the time, the others 50%",
    ]
    assert "16 ranks" in lines[1] and "slowest" in lines[-2]


def test_plain_lines_of_one_process_and_of_equal_ranks_name_no_slowest():
    for states in (rank_states(5, 1), rank_states(5, 0)):
        assert not any("rank" in line for line in plain_lines([started(), states, stopped(9)], 1.0))
    equal = rank_states(5, 2, waiting=(0.1, 0.1), hosts=("", "a\x1b[2J"))
    assert plain_lines([started(), equal, stopped(9)], 1.0)[1:-1] == [r"2 ranks on a\x1b[2J"]


def test_running_means_speed_and_time_left():
    recent = RunningMeans()
    recent(started())
    assert math.isnan(recent.mean("JEM/total"))
    assert (recent.images_per_second(), recent.seconds_left(started(total_steps=10))) == (0.0, math.inf)
    for step in range(1, 101):
        recent(step_done(step, value=step))
    assert recent.mean("JEM/total") == pytest.approx(75.5)
    assert recent.images_per_second() == pytest.approx(64.0)
    assert recent.seconds_left(started(total_steps=160)) == pytest.approx(60.0)


def progress(width: int, events: list[Event]) -> str:
    stream, clock = io.StringIO(), Clock()
    console = Console(
        file=stream, force_terminal=True, width=width, color_system=None, _environ={"TERM": "xterm-256color"}
    )
    sink = ProgressDisplay(console, clock)
    for event in events:
        clock.seconds += 1.0
        sink(event)
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_progress_display_fits_shows_the_numbers_and_is_taken_away(width: int):
    out = progress(width, [LOADING, started(), SAMPLING, *map(step_done, range(1, 51)), evaluated(50), stopped(50)])
    for words in (
        "loading torch",
        "epoch 2/10  step 50/100",
        "0:50 left",
        "total   0.",
        "chain step 3/20",
        "validation: accuracy",
    ):
        assert words in out
    lines = [line for line in out.replace("\r", "\n").split("\n") if "\x1b" not in line]
    assert max(map(len, lines)) <= width
    assert out.count("\x1b[?25l") == out.count("\x1b[?25h") == 1


def test_the_progress_display_repaints_at_most_five_times_a_second():
    stream, clock = io.StringIO(), Clock()
    sink = ProgressDisplay(Console(file=stream, force_terminal=True, width=80), clock)
    sink(started(total_steps=2000))
    for step in range(1, 1001):
        clock.seconds += 0.01
        sink(step_done(step))
    assert 45 <= stream.getvalue().count("epoch 2/200") <= 51


def test_nothing_here_brings_in_torch_or_textual():
    modules = [
        "replay.replayer",
        "console.line_output",
        "console.progress_bar",
        "console.summary",
        "writer.recorder",
        "fan_out",
        "drive",
    ]
    code = f"""
import importlib, sys
for name in {modules}: importlib.import_module("jem_tui.stream." + name)
print(sorted({{"torch", "textual", "plotext", "tensorboard.summary"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.strip() == "[]"
