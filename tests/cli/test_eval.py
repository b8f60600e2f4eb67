"""`jem-tui eval`: tables for people, JSON for scripts, and refusals."""

from __future__ import annotations

import json
import shutil
import signal

import pytest

from jem_tui.cli.eval_attacks import with_attacks
from jem_tui.jem.evaluation.request import QUICK, EvaluationRequest
from tests.cli.forked import ForkedProgram
from tests.cli.in_process import call
from tests.cli.program import TRAIN
from tests.jem.data.test_datasets import write_images
from tests.wait_until import PATIENCE

ON_CPU = ("--device", "cpu")
"""Arguments that give the same numbers on a machine with a GPU."""


def outcome(*args: object) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, stdout and stderr."""
    done = call(*args)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_json_output_is_one_object(trained_folder, tmp_path):
    done = call(
        "eval", trained_folder, *ON_CPU, "--quick", "--json", "--only", "classification,ood", "--out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == {"schema", "run", "evaluation", "against"}
    assert found["run"] == str(trained_folder)
    evaluation = found["evaluation"]
    assert evaluation["classification"]["images"] == 2000
    assert len(evaluation["ood"]["sets"]) == 7
    assert (evaluation["robustness"], evaluation["samples"], found["against"]) == (None, None, None)
    assert json.loads((tmp_path / "out" / "eval.json").read_text()) == found
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"eval.json", "reliability.png", "ood.png"}
    assert done.stderr.splitlines() == [f"jem-tui: eval.json and the plots are in {tmp_path / 'out'}"]


def test_held_out_images_can_be_measured_instead_of_test_images(trained_folder):
    options = ("eval", trained_folder, *ON_CPU, "--quick", "--on", "validation", "--only", "classification")
    done = call(*options, "--json")
    assert done.returncode == 0, done.stderr
    evaluation = json.loads(done.stdout)["evaluation"]
    held_out = round(0.1 * 10_000)
    assert (evaluation["on"], evaluation["classification"]["images"]) == ("validation", held_out)
    assert f"{held_out:,} validation images" in outcome(*options)[1]


def test_an_unknown_split_is_refused(trained_folder):
    code, out, err = outcome("eval", trained_folder, "--on", "train")
    assert (code, out) == (2, "")
    assert "test or validation" in err


@pytest.mark.slow
def test_tables_of_two_runs_fit_eighty_columns(trained_folder, monkeypatch):
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
    (accuracy,) = (line.split()[2:] for line in lines if line.startswith("accuracy"))
    assert accuracy[:3] == accuracy[3:]
    assert "McNemar's test: 0 images right only in run, 0 only in against, p = 1" in lines


@pytest.mark.slow
def test_chains_and_likelihood_are_tables_of_two_runs(trained_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    words = ("--quick", "--only", "chains,likelihood", "--against", trained_folder, "--out", tmp_path / "out")
    code, out, err = outcome("eval", trained_folder, *ON_CPU, *words)
    assert code == 0, err
    tables = ("25 chains of the buffer after 100 more steps", "Convergence of these chains", "bits per dimension")
    assert all(words in out for words in tables)
    assert " ".join(out.split()).count("it samples at temperature") == 2
    found = json.loads((tmp_path / "out" / "eval.json").read_text())["evaluation"]
    assert found["chains"]["features"][0].keys() == {"name", "rhat", "ess_bulk", "autocorrelation_time"}
    assert abs(found["likelihood"]["bits_upper"] - found["likelihood"]["bits_lower"]) < 0.1
    assert 5 < found["likelihood"]["bits_lower"] < 9


@pytest.mark.slow
def test_samples_are_three_separate_tables(trained_folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = outcome("eval", trained_folder, *ON_CPU, "--quick", "--only", "samples")
    assert code == 0
    assert "reference classifier" in out
    assert max(len(line) for line in out.splitlines()[1:]) <= 80
    assert "…" not in out
    distances, overlap, memory = (line.split() for line in out.splitlines() if line.startswith("replay buffer"))
    assert distances[2] == "200"
    assert overlap.count("±") == 4
    assert memory.count("±") == 4
    assert sum(line.startswith("uniform noise") for line in out.splitlines()) == 3


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--only", "beauty"], "--only has no part named beauty"),
        (["--device", "cuda:7"], "device"),
        (["--ood", "no-such-set"], "no data set and no folder named no-such-set"),
        (["--against", "no-such-run"], "no folder no-such-run"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_sentence(trained_folder, args, sentence):
    code, out, err = outcome("eval", trained_folder, *ON_CPU, "--quick", "--json", *args)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_a_missing_run_and_a_run_without_checkpoint_are_refused(trained_folder, tmp_path):
    code, _, err = outcome("eval", tmp_path / "nothing", *ON_CPU)
    assert code == 2
    assert f"There is no folder {tmp_path / 'nothing'}" in err
    shutil.copytree(trained_folder, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    code, _, err = outcome("eval", tmp_path / "run", *ON_CPU)
    assert code == 2
    assert "has no checkpoint" in err
    (tmp_path / "file").write_text("")
    code, _, err = outcome("eval", trained_folder, *ON_CPU, "--out", tmp_path / "file" / "out")
    assert code == 2
    assert "cannot be created" in err


def test_the_second_run_of_a_comparison_has_the_result_of_the_paired_test(trained_folder):
    done = call(
        "eval", trained_folder, *ON_CPU, "--quick", "--json", "--only", "classification", "--against", trained_folder
    )
    assert done.returncode == 0, done.stderr
    against = json.loads(done.stdout)["against"]
    assert against.keys() == {"run", "evaluation", "mcnemar"}
    assert against["mcnemar"] == {"images": 2000, "only_first": 0, "only_second": 0, "p": 1.0}
    assert "correct" not in against["evaluation"]


def test_runs_on_other_data_are_not_compared(trained_folder, tmp_path):
    images = write_images(tmp_path / "images", count=20, size=(28, 28), mode="L")
    done = call(*TRAIN, "--max-steps", 1, "--data", images, "--run-dir", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    code, _, err = outcome("eval", trained_folder, *ON_CPU, "--against", tmp_path / "run")
    assert code == 2
    assert "Compare runs on the same data." in err


@pytest.mark.slow
def test_ctrl_c_ends_an_evaluation(trained_folder):
    process = ForkedProgram("eval", trained_folder, *ON_CPU, "--only", "robustness")
    line = ""
    while "attacking" not in line:
        line = process.stderr.readline()
        assert line
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (["--only", "samples", "--ood", "fashion-mnist"], "--ood"),
        (["--only", "ood", "--refine", "1"], "--refine"),
        (["--only", "ood", "--features", "myfid:inception"], "--features"),
    ],
)
def test_an_option_whose_part_is_left_out_is_refused(words, flag, tmp_path):
    code, out, err = outcome("eval", tmp_path, *words)
    assert code == 2
    assert out == ""
    assert f"{flag} belongs to" in err


@pytest.mark.slow
def test_features_of_the_user_are_a_table_of_their_own(trained_folder, tmp_path, monkeypatch):
    lines = ["def of(pixels):", "    print('loading')", "    return pixels.float().flatten(1)[:, ::97]"]
    (tmp_path / "stub_fid.py").write_text("\n".join(lines))
    monkeypatch.setenv("COLUMNS", "80")
    words = ("eval", trained_folder, *ON_CPU, "--quick", "--only", "samples", "--features", "stub_fid:of")
    done = call(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Samples, in the 9 features of stub_fid:of" in done.stdout
    assert "Samples, judged by a reference classifier" in done.stdout
    assert "loading" not in done.stdout
    assert max(map(len, done.stdout.splitlines()[2:])) <= 80


def test_an_unknown_set_of_attacks_and_one_without_its_package_are_refused(trained_folder, monkeypatch):
    code, out, err = outcome("eval", trained_folder, *ON_CPU, "--attacks", "strongest")
    assert (code, out) == (2, "")
    assert "--attacks has no set named strongest" in err
    monkeypatch.setattr("jem_tui.cli.eval_attacks.find_spec", lambda name: None)
    code, out, err = outcome("eval", trained_folder, *ON_CPU, "--attacks", "strong")
    assert (code, out) == (2, "")
    assert "pip install 'jem-tui[attacks]'" in err


def test_a_set_of_attacks_brings_its_number_of_images_unless_the_evaluation_is_quick():
    assert with_attacks(EvaluationRequest(), "", False).attacks == "standard"
    assert with_attacks(QUICK, "", True).attacks == "quick"
    assert with_attacks(EvaluationRequest(), "strong", False).attacked_images == 1000
    assert with_attacks(QUICK, "strong", True).attacked_images == QUICK.attacked_images
