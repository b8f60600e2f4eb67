"""The command line as an interface of scripts: a JSON object per line, exit codes, one sentence on stderr, a run folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.forked import ForkedProgram, forked
from tests.cli.in_process import call, refused_here
from tests.cli.program import TRAIN, jem_tui, read_until, refused
from tests.wait_until import PATIENCE

ALL_THREADS = [*TRAIN, "-s", "train.threads=0", "-s", "optimizer.decay=none"]
"""Arguments of a training run that chooses its number of threads itself, with rates that do not depend on its number of steps."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return the folder of a finished run, and the result of its process."""
    folder = tmp_path_factory.mktemp("contract") / "run"
    return folder, jem_tui(*ALL_THREADS, "--max-steps", 20, "--run-dir", folder)


def test_every_line_is_an_object_and_the_last_is_the_stop(finished):
    folder, done = finished
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all({"event", "step", "images", "time"} <= line.keys() for line in lines)
    steps = [line for line in lines if line["event"] == "StepDone"]
    assert [s["step"] for s in steps] == list(range(1, 21))
    for step in steps:
        assert {"JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy"} <= step["metrics"].keys()
        assert step["images"] == 16 * step["step"]
    assert (lines[-1]["event"], lines[-1]["reason"]) == ("Stopped", "finished")
    assert str(folder) in done.stderr.splitlines()[-1]
    assert "checkpoints/step_000020.pt" in done.stderr


def test_every_line_conforms_to_the_documented_schema(finished):
    _, done = finished
    schema = json.loads((Path(__file__).parents[2] / "docs" / "events.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"RunStarted", "StepDone", "Samples", "Evaluated", "Stopped"} <= {line["event"] for line in lines}
    for line in lines:
        validator.validate(line)


def test_the_run_folder_describes_the_run(finished):
    folder, _ = finished
    run = json.loads((folder / "run.json").read_text())
    assert (run["status"], run["step"], run["seed"]) == ("finished", 20, 1)
    assert run["config"]["sgld"]["steps"] == 2
    assert run["config"]["train"]["device"] == "cpu"
    assert run["config"]["train"]["threads"] >= 1
    assert len(list(folder.glob("events.out.tfevents.*"))) == 1
    assert [p.name for p in (folder / "checkpoints").iterdir()] == ["step_000020.pt"]


def test_replay_once_prints_the_run_without_torch(finished):
    folder, _ = finished
    code = (
        "import sys; sys.argv = ['jem-tui', 'replay', '--once', sys.argv[1]]\n"
        "from jem_tui.cli import main\n"
        "try: main()\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "assert not {'torch', 'torchvision', 'textual'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for tag in ("JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy"):
        assert tag in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.slow
def test_a_resumed_run_has_the_metrics_of_an_uninterrupted_one(finished, tmp_path):
    _, straight = finished
    first = forked(*ALL_THREADS, "--max-steps", 8, "--run-dir", tmp_path / "run")
    rest = forked("train", "--json", "--resume", tmp_path / "run", "--max-steps", 20)
    assert rest.returncode == 0, rest.stderr
    assert metrics(first) + metrics(rest) == metrics(straight)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["step"] == 20


@pytest.mark.slow
def test_a_run_killed_before_its_first_checkpoint_restarts_in_its_folder(finished, tmp_path):
    _, straight = finished
    process = ForkedProgram(*ALL_THREADS, "--max-steps", 100, "--run-dir", tmp_path / "run")
    read_until(process, '"step": 5,')
    process.kill()
    process.communicate()
    again = forked("train", "--json", "--resume", tmp_path / "run", "--max-steps", 20)
    assert again.returncode == 0, again.stderr
    assert metrics(again) == metrics(straight)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["step"] == 20


def metrics(done: subprocess.CompletedProcess[str]) -> list[dict[str, float]]:
    """Return the metrics of each step that a run printed."""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line["metrics"] for line in lines if line["event"] == "StepDone"]


@pytest.mark.slow
def test_an_interrupted_run_keeps_its_step_limit_when_resumed(tmp_path):
    process = ForkedProgram(*TRAIN, "--max-steps", 60, "--run-dir", tmp_path / "run")
    read_until(process, '"step": 5,')
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    rest = forked("train", "--json", "--resume", tmp_path / "run")
    assert rest.returncode == 0, rest.stderr
    assert json.loads(rest.stdout.splitlines()[-1])["step"] == 60


@pytest.mark.slow
def test_of_two_runs_started_in_one_folder_one_is_refused(tmp_path):
    pair = [ForkedProgram(*TRAIN, "--max-steps", 60, "--run-dir", tmp_path / "run") for _ in range(2)]
    errors = [process.communicate(timeout=90)[1] for process in pair]
    assert sorted(process.returncode for process in pair) == [0, 2], errors
    assert any("run folder" in error or "Another run" in error for error in errors)
    assert len(list((tmp_path / "run").glob("events.*"))) == 1


def test_resuming_a_complete_run_is_refused(finished):
    folder, _ = finished
    stopped = call("train", "--json", "--resume", folder, "--max-steps", 20)
    assert stopped.returncode == 2 and "20 of 20" in stopped.stderr
    (line,) = stopped.stdout.splitlines()
    assert json.loads(line)["event"] == "Stopped" and json.loads(line)["reason"] == "refused"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["train", "--bogus"], "No such option: --bogus"),
        (["train", "-s", "sgld.step=3"], "did you mean sgld.steps"),
        (["train", "--max-steps", "-4"], "Invalid value for '--max-steps'"),
        (["train", "--preset", "fsat"], "did you mean fast"),
        (["train", "--config", "none.toml"], "Cannot read the settings in none.toml"),
        (["train", "--resume", "none"], "no folder none"),
        (["train", "--resume", "x", "--run-dir", "y"], "own folder"),
        (["train", "--device", "tpu"], "auto, cpu, cuda, mps"),
        (["replay", "none"], "none"),
        (["replay", "--speed", "0", "."], "0.01 to 1000"),
        (["dance"], "No such command"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(args, sentence, tmp_path):
    assert sentence in refused_here(*args, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_data_folder_leaves_nothing_behind(tmp_path):
    done = call("train", "--json", "--device", "cpu", "--data", "nowhere", "--run-dir", tmp_path / "run")
    assert done.returncode == 2
    assert "named nowhere" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
    assert json.loads(done.stdout.splitlines()[-1])["reason"] == "refused"


def test_a_run_folder_with_other_files_is_refused_unchanged(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert "not empty" in refused("train", "--json", "--run-dir", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("args", [["--help"], ["train", "--help"], ["replay", "--help"], ["config"], ["--version"]])
def test_help_imports_no_heavy_package(args):
    code = (
        f"import sys; sys.argv = ['jem-tui', *{args!r}]\n"
        "from jem_tui.cli import main\n"
        "try: main()\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "heavy = {'torch', 'torchvision', 'tensorboard', 'numpy', 'textual', 'plotext'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_train_has_at_most_twenty_one_flags_in_addition_to_the_settings():
    help_text = jem_tui("train", "--help", env={**os.environ, "COLUMNS": "200"}).stdout
    lines = [line.lstrip() for line in help_text.splitlines()]
    flags = [line for line in lines if line.startswith("--") and not line.startswith("--help")]
    assert any(line.startswith("-s, --set") for line in lines)
    assert 1 <= len(flags) <= 21


def test_printed_settings_are_a_settings_file(tmp_path):
    shown = jem_tui("config", "--preset", "classic").stdout
    (tmp_path / "run.toml").write_text(shown)
    assert jem_tui("config", "--config", Path(tmp_path / "run.toml")).stdout == shown
