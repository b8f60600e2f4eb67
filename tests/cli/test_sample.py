"""`jem-tui sample`: images of fresh chains, and refusals in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.cli.in_process import call, refused_here

QUICK = ("--count", 6, "--steps", 5, "--device", "cpu")


def pixels(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of an image file."""
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


def test_the_seed_determines_the_images_and_files_are_not_overwritten(trained_folder, tmp_path):
    for seed in (1, 1, 2):
        assert call("sample", trained_folder, *QUICK, "--seed", seed, cwd=tmp_path).returncode == 0
    first, again, other = (pixels(tmp_path / name) for name in ("samples.png", "samples-2.png", "samples-3.png"))
    assert (first == again).all()
    assert (first != other).any()


def test_class_start_and_steps_change_the_images(trained_folder, tmp_path):
    ways = [(), ("--class", "7"), ("--start", "uniform"), ("--start", "informative"), ("--steps", 0)]
    shown = []
    for number, way in enumerate(ways):
        path = tmp_path / f"{number}.png"
        assert call("sample", trained_folder, *QUICK, *way, "--out", path).returncode == 0
        shown.append(pixels(path).tobytes())
    assert len(set(shown)) == len(ways)


def test_guidance_raises_the_confidence_of_a_class(trained_folder, tmp_path):
    confidences = []
    for guidance in (0, 20):
        way = ("--class", "7", "--guidance", guidance, "--out", tmp_path / f"{guidance}.png")
        done = call("sample", trained_folder, "--count", 40, "--steps", 10, "--device", "cpu", *way)
        assert done.returncode == 0, done.stderr
        confidences.append(float(done.stdout.split("confidence")[1]))
    assert confidences[0] < confidences[1]


def test_an_array_and_a_folder_hold_the_tiles_of_the_picture(trained_folder, tmp_path):
    for out in ("all.npz", "each"):
        done = call("sample", trained_folder, *QUICK, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{out}  6 chains after 5 steps")
    with np.load(tmp_path / "all.npz") as arrays:
        tiles = arrays["arr_0"]
    assert (tiles.shape, tiles.dtype) == ((6, 28, 28, 1), np.uint8)
    files = sorted((tmp_path / "each").iterdir())
    assert [path.name for path in files] == [f"{number}.png" for number in range(6)]
    assert all((pixels(path) == tile[:, :, 0]).all() for path, tile in zip(files, tiles, strict=True))
    assert "exists already" in refused_here("sample", trained_folder, *QUICK, "--out", "each", cwd=tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "x.jpg"), "does not end in .png"),
        (("--gif", "x.png"), "does not end in .gif"),
        (("--out", "nowhere/each"), "there is no folder nowhere"),
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


def test_a_folder_without_a_usable_run_is_refused(trained_folder, tmp_path):
    assert "There is no run in" in refused_here("sample", tmp_path, *QUICK)
    copy = shutil.copytree(trained_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("checkpoints"))
    assert "has no checkpoint yet" in refused_here("sample", copy, *QUICK)
    (copy / "run.json").write_text("{")
    assert "run.json is damaged" in refused_here("sample", copy, *QUICK)


def test_help_names_at_most_fourteen_flags():
    text = call("sample", "--help").stdout
    assert sum(line.strip().startswith("-") for line in text.splitlines()) <= 14


def test_an_older_checkpoint_replaces_a_damaged_one_with_a_message(trained_folder, tmp_path):
    copy = shutil.copytree(trained_folder, tmp_path / "copy")
    newest = max((copy / "checkpoints").glob("*.pt"))
    shutil.copy(newest, newest.with_name("step_000001.pt"))
    newest.write_bytes(newest.read_bytes()[:-100])
    done = call("sample", copy, *QUICK, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"jem-tui: {copy}: {newest.name} cannot be read; step_000001.pt is used instead\n"
