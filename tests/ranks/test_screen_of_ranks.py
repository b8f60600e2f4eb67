"""The screen of a run of two ranks in a terminal: attached to rank 0, or that of rank 0 under torchrun."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.launch.console_log import CONSOLE_FILE
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file
from tests.e2e.emulated_terminal import RESTORED, Terminal, steps_shown
from tests.ranks.launched import RUN, TORCHRUN

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path / "preferences"))
    yield {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(tmp_path)),
        "OMP_NUM_THREADS": "1",
    }


def test_the_screen_of_launched_ranks_stops_and_saves_them(tmp_path: Path, environment: dict[str, str]):
    terminal = Terminal(*RUN, "--ranks", "2", "--run-dir", "run", **environment)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 3)
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    terminal.send("q")
    terminal.wait(lambda text: "stop and save" in text)
    terminal.send("s")
    assert terminal.end() == 0, terminal.text
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert read_run_file(tmp_path / "run").status == "stopped"
    assert len(sorted_checkpoints(tmp_path / "run")) == 1
    assert "Traceback" not in (tmp_path / "run" / CONSOLE_FILE).read_text()


def test_the_screen_of_rank_0_under_torchrun_follows_the_size_of_its_terminal(
    tmp_path: Path, environment: dict[str, str]
):
    program = [*TORCHRUN[1:], "-m", "jem_tui"]
    terminal = Terminal(*RUN, "--run-dir", "run", program=program, **environment)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 3)
    terminal.resize(40, 150)
    terminal.wait(lambda text: max(len(line.rstrip()) for line in text.splitlines()) > 120)
    terminal.send("q")
    terminal.wait(lambda text: "stop and save" in text)
    terminal.send("s")
    assert terminal.end() == 0, terminal.text
    assert read_run_file(tmp_path / "run").status == "stopped"
