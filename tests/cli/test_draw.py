"""`jem-tui draw`: what it refuses before the screen opens, and a drawing on a trained run without the screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jem_tui.cli.screens.drawing_models import drawing_access, missing_model
from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.events.drawing import DrawingRequest
from tests.cli.in_process import call, refused_here

DEMO = Path(__file__).parents[2] / "results" / "demo"


def known() -> tuple[object, str]:
    return make_config("fast", None, []), "cpu"


def test_a_folder_without_a_run_is_refused(tmp_path):
    assert "run.json" in refused_here("draw", tmp_path)


def test_a_missing_image_is_refused(tmp_path):
    assert "does not exist" in refused_here("draw", DEMO, "--image", tmp_path / "none.png")
    assert "is not a file" in refused_here("draw", DEMO, "--image", tmp_path)


def test_the_screen_needs_a_terminal():
    assert "needs a terminal" in refused_here("draw", DEMO)


def test_a_folder_says_why_it_has_no_model(tmp_path):
    assert "Only runs of jem-tui" in missing_model(tmp_path, known)
    (tmp_path / "run.json").write_text("{}")
    assert "no checkpoint" in missing_model(tmp_path, known)
    (tmp_path / "model.npz").touch()
    assert missing_model(tmp_path, known) == ""

    def refuse() -> tuple[object, str]:
        raise InputError("The run uses other code.")

    assert missing_model(tmp_path, refuse) == "The run uses other code."


def test_a_recorded_run_scores_a_drawing_by_its_model_file():
    access = drawing_access(DEMO)
    assert access.missing() == ""
    stages: list[str] = []
    drawings = access.open_drawings(lambda text, fraction: stages.append(text))
    assert stages[0] == "importing torch" and drawings.model.shape == (28, 28, 1)
    blank = drawings.score(DrawingRequest(number=1, pixels=np.zeros((28, 28, 1), np.uint8)))
    reference = drawings.compare()
    assert blank is not None and reference is not None and blank.step == 2800
    assert blank.energy > reference.threshold, "an empty drawing is out of distribution"
    assert reference.false_positives < 0.2


def test_an_image_is_read_in_the_shape_of_the_model(tmp_path):
    with pytest.raises(InputError, match="Cannot read the image"):
        drawing_access(DEMO).read_image(tmp_path / "none.png", (28, 28, 1))
    with pytest.raises(InputError, match="Cannot read the image"):
        drawing_access(DEMO).read_image(Path("~no-such-user/a.png"), (28, 28, 1))


def test_help_imports_neither_torch_nor_the_screen():
    assert call("draw", "--help").returncode == 0
    assert "jem_tui.cli.draw" in sys.modules


def test_the_process_ends_at_once_around_the_thread_of_a_model():
    code = (
        "import atexit, sys, threading, time\n"
        "from jem_tui.cli import main\n"
        "from jem_tui.cli.screens.drawing_models import THREAD_NAME\n"
        "atexit.register(print, 'shut down')\n"
        "threading.Thread(target=time.sleep, args=(60,), name=THREAD_NAME, daemon=True).start()\n"
        "sys.argv = ['jem-tui', '--version']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("jem-tui ") and "shut down" not in done.stdout, done
