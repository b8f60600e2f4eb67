"""Exit codes and last lines of runs that are stopped, diverge, or whose output is closed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import psutil
import pytest

from tests.cli.forked import ForkedProgram
from tests.cli.in_process import call, refused_here
from tests.cli.program import ABSURD, SMALL, TRAIN, read_until, setting_words, start
from tests.wait_until import PATIENCE, wait_until


@pytest.mark.slow
def test_ctrl_c_while_loading_leaves_no_run_folder(tmp_path):
    process = start(*TRAIN, "--run-dir", tmp_path / "run")
    assert "importing torch" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads(out.splitlines()[-1])["reason"] == "interrupted"
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_closed_stream_and_a_full_device_cause_no_traceback(tmp_path):
    command = f"{sys.executable} -m jem_tui"
    folder = tmp_path / "run"
    train = " ".join([command, *TRAIN, "--max-steps", "3", "--run-dir", str(folder)])
    closed = subprocess.run(f"{train} >&-", shell=True, capture_output=True, text=True, timeout=60)
    assert closed.returncode == 0, closed.stderr
    assert (folder / "run.json").exists()
    full = subprocess.run(f"{command} config >/dev/full", shell=True, capture_output=True, text=True, timeout=60)
    assert full.returncode == 1
    assert "No space left on device" in full.stderr
    assert "Traceback" not in closed.stderr + full.stderr


@pytest.mark.parametrize("name", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.exhaustive)])
def test_one_signal_saves_and_exits_130(name, tmp_path):
    process = start(*TRAIN, "--run-dir", tmp_path / "run")
    read_until(process, '"StepDone"')
    process.send_signal(name)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["reason"]) == ("Stopped", "interrupted")
    assert (tmp_path / "run" / "checkpoints" / f"step_{last['step']:06d}.pt").exists()
    assert "Traceback" not in err


def wait_for_work(process: ForkedProgram, seconds: float = 0.3) -> None:
    """Wait until a process has used `seconds` of processor time, or has ended."""
    times = psutil.Process(process.pid).cpu_times

    def used() -> float:
        return float(sum(times()[:2]))

    begun = used()
    wait_until(lambda: process.poll() is not None or used() > begun + seconds, "the process is idle")


@pytest.mark.slow
def test_a_second_signal_exits_immediately(tmp_path):
    slow = ["-s", "sgld.steps=10000", "-s", "sgld.max_steps=10000"]
    process = ForkedProgram(*TRAIN, *slow, "--run-dir", tmp_path / "run")
    read_until(process, '"Samples"')
    # the first step lasts longer than this test
    wait_for_work(process)
    process.send_signal(signal.SIGINT)
    wait_for_work(process)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    assert "Traceback" not in process.communicate()[1]


@pytest.mark.slow
def test_a_closed_pipe_does_not_stop_a_training_run(tmp_path):
    process = ForkedProgram(*TRAIN, "--max-steps", 30, "--run-dir", tmp_path / "run")
    read_until(process, '"StepDone"')
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["step"] == 30
    assert "Traceback" not in process.stderr.read()


def test_without_a_terminal_the_output_is_plain_lines(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    done = call("train", *setting_words(*SMALL), "--max-steps", 5, "--run-dir", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "finished" in done.stdout
    assert "5" in done.stdout


def test_a_run_that_diverges_after_three_rollbacks_exits_with_3(tmp_path):
    done = call(*ABSURD, "--max-steps", 100, "--run-dir", tmp_path / "run")
    emitted = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"] for event in emitted if event["event"] in ("Diverged", "Rewound", "Stopped")]
    assert done.returncode == 3
    assert kinds == ["Diverged", "Rewound"] * 3 + ["Diverged", "Stopped"]
    assert [event["rate_factor"] for event in emitted if event["event"] == "Rewound"] == [0.5, 0.25, 0.125]
    assert (emitted[-1]["reason"], emitted[-1]["error"] in done.stderr) == ("diverged", True)
    assert "3 rollbacks to step 0 did not help" in emitted[-1]["error"]
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "diverged"


def test_on_divergence_stop_does_not_roll_back(tmp_path):
    done = call(*ABSURD, "--on-divergence", "stop", "--max-steps", 100, "--run-dir", tmp_path / "run")
    kinds = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert "Rewound" not in kinds
    assert "diverged at step" in done.stderr


def test_on_divergence_ignore_continues(tmp_path):
    done = call(*ABSURD, "--on-divergence", "ignore", "--max-steps", 20, "--run-dir", tmp_path / "run")
    emitted = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [event["step"] for event in emitted if event["event"] == "StepDone"] == list(range(1, 21))
    assert any(event["event"] == "Note" and event["text"].startswith("ignored: ") for event in emitted)


def test_an_unknown_reaction_to_divergence_is_refused(tmp_path):
    assert "--on-divergence is 'maybe'. It can be rollback, stop, ignore." in refused_here(
        *TRAIN, "--on-divergence", "maybe", "--run-dir", tmp_path / "run"
    )
