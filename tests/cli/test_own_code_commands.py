"""A network and data of the user, from the first command to the last: train, refusal, resume, eval, sample."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jem_tui.stream.runs.run_dir import read_run_file
from tests.cli.in_process import call, refused_here
from tests.plugins.user_folder import install, working_directory

NETWORK = """
import torch
from torch import nn

print("a word on stdout")

class Net(nn.Module):
    def __init__(self, shape, classes, *, hidden=16):
        super().__init__()
        channels, height, width = shape
        self.body = nn.Sequential(nn.Linear(channels * height * width, hidden), nn.SiLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.body(x.view(len(x), -1))
"""
DATA = """
import numpy as np
from torch.utils.data import Dataset

class Squares(Dataset):
    classes = ["dark", "bright"]

    def __init__(self, count, side):
        self.count, self.side = count, side

    def __len__(self):
        return self.count

    def __getitem__(self, row):
        noise = np.random.default_rng(row).integers(0, 60, (self.side, self.side), dtype=np.uint8)
        return noise + 190 * (row % 2), row % 2

def load(side=8, count=120):
    print("loading", count)
    return Squares(count, side), Squares(40, side)
"""
NAMES = ("--network", "mynet:Net", "--data", "mydata:load")
SMALL = (
    *(
        "buffer.size=32",
        "train.batch_size=16",
        "train.threads=1",
        "train.device=cpu",
        "sgld.steps=2",
        "data.args.side=8",
    ),
    *(
        "network.args.hidden=12",
        "record.evaluate_images=20",
        "record.tiles=4",
        "train.epochs=10",
        "buffer.explorers=16",
    ),
)
WORDS = tuple(part for word in SMALL for part in ("-s", word))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a working directory with a network and data."""
    (tmp_path / "mynet.py").write_text(NETWORK)
    (tmp_path / "mydata.py").write_text(DATA)
    with working_directory(tmp_path):
        yield tmp_path


def ok(*args: object) -> str:
    """Return the stdout of a call that must succeed."""
    done = call(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*args: object) -> str:
    """Return the stderr of a run that must be refused in one sentence while it loads."""
    done = call(*args)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done
    return done.stderr


@pytest.mark.slow
def test_a_run_of_own_code_is_trained_resumed_evaluated_and_sampled(folder: Path):
    lines = ok("train", "--json", *NAMES, *WORDS, "--run-dir", "run", "--max-steps", 20).splitlines()
    started = json.loads(lines[0])
    assert started["config"]["network"]["args"] == {"hidden": 12} and started["class_names"] == ["dark", "bright"]
    assert started["tile_shape"] == [8, 8, 1] and all(line.startswith("{") for line in lines)
    for command in (("train", "--no-ui", "--resume", "run"), ("eval", "run"), ("sample", "run")):
        stderr = refused_here(*command)
        assert "repeat --data mydata:load --network mynet:Net to run it" in stderr
    ok("train", "--no-ui", "--resume", "run", *NAMES, "--max-steps", 30, "-s", "data.args.side=8")
    assert read_run_file(Path("run")).step == 30
    stderr = refused("train", "--no-ui", "--resume", "run", *NAMES, "--max-steps", 40, "-s", "data.args.count=60")
    assert "The run started with 108 training images, but there are 54 now" in stderr
    evaluation = json.loads(ok("eval", "run", "--json", "--quick", "--only", "classification", *NAMES))
    assert evaluation["evaluation"]["network"] == "mynet:Net"
    assert ok("sample", "run", *NAMES, "--count", 4, "--steps", 3, "--out", "chains.png").startswith("chains.png")
    with Image.open("chains.png") as image:
        assert np.asarray(image).size


@pytest.mark.slow
def test_installed_names_need_no_repetition(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(folder)
    install(folder, "mynets", "jem_tui.networks", tiny="mynet:Net")
    install(folder, "mysets", "jem_tui.data", squares="mydata:load")
    ok("train", "--no-ui", "--network", "tiny", "--data", "squares", *WORDS, "--run-dir", "run", "--max-steps", 5)
    assert read_run_file(Path("run")).config["data"]["name"] == "squares"
    ok("train", "--no-ui", "--resume", "run", "--max-steps", 8)
    ok("sample", "run", "--count", 4, "--steps", 1, "--out", "chains.png")


def test_code_that_cannot_be_used_ends_the_start_in_one_sentence(folder: Path):
    small = (*WORDS, "--run-dir", "run", "--no-ui", "--max-steps", 1)
    assert "mynet has no attribute Nte (did you mean Net?)" in refused("train", "--network", "mynet:Nte", *small)
    stderr = refused("train", *NAMES, *small, "-s", "network.args.hiden=3")
    assert "does not accept its arguments: got an unexpected keyword argument 'hiden'" in stderr
    assert "--network mynet:Net" in refused("train", "--network", "mynet.py:Net", *small)
    stderr = refused("train", "--network", "mynet", *small)
    assert "--network is 'mynet' (mynet.py is a module). Write --network mynet:Net." in stderr
    stderr = refused("train", "--data", "mydata", *small)
    assert (
        "named mydata (mydata.py is a module). Write --data mydata:NAME, where NAME is one of Squares, load." in stderr
    )
    assert "--data-dir does not apply to mydata:load" in refused("train", *NAMES, *small, "--data-dir", "images")
    other = (*WORDS, "--run-dir", "other", "--no-ui", "--max-steps", 1, "-s", "data.args.side=0")
    assert "Image 0 of train from mydata:load has the shape (0, 0)" in refused("train", *NAMES, *other)
