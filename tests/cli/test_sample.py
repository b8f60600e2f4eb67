"""`jem-tui sample`: pictures of fresh chains, and one sentence where there can be none."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from tests.cli.in_process import call, refused_here

QUICK = ("--count", 6, "--steps", 5, "--device", "cpu")


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).copy()


def test_a_picture_and_an_animation_and_a_line_for_each(trained_folder, tmp_path):
    done = call("sample", trained_folder, *QUICK, "--out", "a.png", "--gif", "a.gif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("a.png  6 chains after 5 steps")
    assert second == "a.gif  6 frames"
    assert done.stderr == ""
    assert pixels(tmp_path / "a.png").shape == (124, 184)
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 6


def test_the_seed_decides_and_names_are_not_taken_twice(trained_folder, tmp_path):
    for seed in (1, 1, 2):
        assert call("sample", trained_folder, *QUICK, "--seed", seed, cwd=tmp_path).returncode == 0
    first, again, other = (pixels(tmp_path / name) for name in ("samples.png", "samples-2.png", "samples-3.png"))
    assert (first == again).all()
    assert (first != other).any()


def test_a_class_a_start_and_steps_make_a_difference(trained_folder, tmp_path):
    ways = [(), ("--class", "7"), ("--start", "uniform"), ("--start", "informative"), ("--steps", 0)]
    shown = []
    for number, way in enumerate(ways):
        path = tmp_path / f"{number}.png"
        assert call("sample", trained_folder, *QUICK, *way, "--out", path).returncode == 0
        shown.append(pixels(path).tobytes())
    assert len(set(shown)) == len(ways)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "x.jpg"), "does not end in .png"),
        (("--gif", "x.png"), "does not end in .gif"),
        (("--out", "nowhere/x.png"), "there is no folder nowhere"),
        (("--start", "noise"), "It can be initial, informative, uniform."),
        (("--class", "eleven"), "There is no class 'eleven'. Classes: 0, 1, 2"),
        (("--device", "abacus"), "It can be auto, cpu, cuda, mps."),
    ],
)
def test_wrong_usage_is_refused_in_one_sentence(trained_folder, tmp_path, words, sentence):
    error = refused_here("sample", trained_folder, "--device", "cpu", *words, cwd=tmp_path)
    assert sentence in error
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_is_no_run_is_refused(trained_folder, tmp_path):
    assert "There is no run in" in refused_here("sample", tmp_path, *QUICK)
    copy = shutil.copytree(trained_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("checkpoints"))
    assert "has no checkpoint yet" in refused_here("sample", copy, *QUICK)
    (copy / "run.json").write_text("{")
    assert "run.json is damaged" in refused_here("sample", copy, *QUICK)


def test_help_names_at_most_twelve_flags():
    text = call("sample", "--help").stdout
    assert sum(line.strip().startswith("-") for line in text.splitlines()) <= 12


def test_of_a_damaged_checkpoint_the_one_before_is_taken_and_said(trained_folder, tmp_path):
    copy = shutil.copytree(trained_folder, tmp_path / "copy")
    newest = max((copy / "checkpoints").glob("*.pt"))
    shutil.copy(newest, newest.with_name("step_000001.pt"))
    newest.write_bytes(newest.read_bytes()[:-100])
    done = call("sample", copy, *QUICK, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"jem-tui: {copy}: {newest.name} cannot be read; step_000001.pt is taken\n"
