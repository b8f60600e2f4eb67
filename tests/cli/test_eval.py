"""`jem-tui eval` as a person and as a script call it."""

from __future__ import annotations

import json
import shutil
import signal
import time

import pytest

from tests.cli.in_process import call
from tests.cli.program import TRAIN, start
from tests.jem.data.test_datasets import write_images

ON_CPU = ("--device", "cpu")
"""Numbers that a test depends on come from the CPU, on a machine with a GPU, too."""


def outcome(*args: object) -> tuple[int, str, str]:
    done = call(*args)
    return done.returncode, done.stdout, done.stderr


def test_json_is_one_object_and_nothing_else(trained_folder, tmp_path):
    done = call(
        "eval", trained_folder, *ON_CPU, "--quick", "--json", "--only", "classification,ood", "--out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == {"schema", "run", "evaluation", "against"}
    assert found["run"] == str(trained_folder)
    evaluation = found["evaluation"]
    assert evaluation["classification"]["images"] == 2000
    assert len(evaluation["ood"]["sets"]) == 6
    assert (evaluation["robustness"], evaluation["samples"], found["against"]) == (None, None, None)
    assert json.loads((tmp_path / "out" / "eval.json").read_text()) == found
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"eval.json", "reliability.png", "ood.png"}
    assert done.stderr.splitlines() == [f"jem-tui: eval.json and the plots are in {tmp_path / 'out'}"]


def test_the_tables_fit_eighty_columns_with_another_run_beside(trained_folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    parts = "classification,ood,robustness"
    code, out, err = outcome(
        "eval",
        trained_folder,
        *ON_CPU,
        "--quick",
        "--only",
        parts,
        "--against",
        trained_folder,
        "--refine",
        1,
        "--ood",
        "mnist-mini",
    )
    assert code == 0
    lines = out.splitlines()
    assert max(len(line) for line in lines[2:]) <= 80
    for words in (
        "accuracy",
        "expected calibration error",
        "log p(x)",
        "letters",
        "mnist-mini",
        "no attack",
        "JEM-1",
        "against",
    ):
        assert any(words in line for line in lines), words
    assert "…" not in out
    assert "\x1b" not in out
    assert "attacking the network" in err
    (accuracy,) = (line.split()[1:] for line in lines if line.startswith("accuracy"))
    assert accuracy[0] == accuracy[2]


def test_samples_have_a_table_of_their_own(trained_folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = outcome("eval", trained_folder, *ON_CPU, "--quick", "--only", "samples")
    assert code == 0
    assert "reference classifier" in out
    (row,) = (line.split() for line in out.splitlines() if line.startswith("replay buffer"))
    assert row[2] == "200"
    assert float(row[3]) > float(row[4])


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--only", "beauty"], "--only has no part named beauty"),
        (["--device", "cuda:7"], "device"),
        (["--ood", "no-such-set"], "no data set and no folder named no-such-set"),
        (["--against", "no-such-run"], "no run in no-such-run"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(trained_folder, args, sentence):
    code, out, err = outcome("eval", trained_folder, *ON_CPU, "--quick", "--json", *args)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_runs_that_are_not_there_or_have_nothing_to_show(trained_folder, tmp_path):
    code, _, err = outcome("eval", tmp_path / "nothing", *ON_CPU)
    assert code == 2
    assert "There is no run in" in err
    shutil.copytree(trained_folder, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    code, _, err = outcome("eval", tmp_path / "run", *ON_CPU)
    assert code == 2
    assert "has no checkpoint" in err
    (tmp_path / "file").write_text("")
    code, _, err = outcome("eval", trained_folder, *ON_CPU, "--out", tmp_path / "file" / "out")
    assert code == 2
    assert "cannot be created" in err


def test_runs_on_other_data_are_not_compared(trained_folder, tmp_path):
    images = write_images(tmp_path / "images", count=20, size=(28, 28), mode="L")
    done = call(*TRAIN, "--max-steps", 1, "--data", images, "--run-dir", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    code, _, err = outcome("eval", trained_folder, *ON_CPU, "--against", tmp_path / "run")
    assert code == 2
    assert "Compare runs on the same data." in err


def test_ctrl_c_ends_it_at_once(trained_folder):
    process = start("eval", trained_folder, *ON_CPU, "--only", "robustness")
    line = ""
    while "attacking" not in line:
        line = process.stderr.readline()
        assert line
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "flag"),
    [(["--only", "samples", "--ood", "fashion-mnist"], "--ood"), (["--only", "ood", "--refine", "1"], "--refine")],
)
def test_an_option_whose_part_is_left_out_is_refused(words, flag, tmp_path):
    code, out, err = outcome("eval", tmp_path, *words)
    assert code == 2
    assert out == ""
    assert f"{flag} belongs to" in err
