"""A training run in a real terminal, from its first frame to the shell's prompt, and replays in terminals of all abilities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import SMALL, setting_words
from tests.e2e.emulated_terminal import RESTORED, Terminal, steps_shown

DEMO = Path(__file__).parents[2] / "results" / "demo"


def test_train_pause_step_save_and_quit_and_replay_the_run(tmp_path: Path):
    run_dir = tmp_path / "run"
    train_and_save(run_dir)
    replay_to_the_end(run_dir)


def train_and_save(run_dir: Path) -> None:
    """Train, pause, take one step, save, restart all chains, open the help, and quit."""
    terminal = Terminal("train", "--run-dir", run_dir, "--seed", 1, *setting_words(*SMALL, "train.threads=1"))
    terminal.wait(lambda text: "jem-tui" in text)
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    before = steps_shown(terminal.settled())
    terminal.send("n")
    terminal.wait(lambda text: steps_shown(text) == before + 1)
    terminal.send("s")
    terminal.wait(lambda text: f"checkpoint saved: step_{before + 1:06d}" in text)
    terminal.send("r")
    terminal.wait(lambda text: "restarted all 64 chains" in text)
    terminal.send("?")
    terminal.wait(lambda text: "esc close" in text)
    terminal.send("\x1b")
    # the header returns with the screen below; a row of the help may be absent for a moment while the help is drawn
    terminal.wait(lambda text: "esc close" not in text and "PAUSED" in text)
    terminal.send("q")
    terminal.wait(lambda text: "stop and save" in text.lower())
    terminal.send("s")
    assert terminal.end() == 0
    assert f"stopped at step {before + 1:,}" in terminal.raw
    assert str(run_dir) in terminal.raw.replace("\r\n", "")
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert "\x1b]2;‖ " in terminal.raw and f"{run_dir.name} – jem-tui" in terminal.raw
    assert terminal.raw.count("\x1b[22;2t") == terminal.raw.count("\x1b[23;2t") == 1
    assert json.loads((run_dir / "run.json").read_text())["status"] == "stopped"


def replay_to_the_end(run_dir: Path) -> None:
    """Replay a recording to its end and quit."""
    terminal = Terminal("replay", run_dir, "--speed", "100")
    text = terminal.wait(lambda text: "JEM/total" in text and "replay" in text.lower())
    assert "reseed " not in text.splitlines()[-1]
    terminal.wait(lambda text: "end of the recording: stopped" in text)
    terminal.send("q")
    assert terminal.end() == 0
    assert "\x1b[?1049l" in terminal.raw


@pytest.mark.slow
def test_an_error_while_loading_is_displayed_and_exits_with_2(tmp_path: Path):
    terminal = Terminal("train", "--data", "nowhere", "--run-dir", tmp_path / "run")
    terminal.wait(lambda text: "nowhere" in text and "mnist-mini" in text)
    terminal.send("q")
    assert terminal.end() == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not DEMO.exists(), reason="no recorded run")
@pytest.mark.parametrize(
    ("environment", "absent", "present"),
    [
        ({"NO_COLOR": "1"}, "[38;2;122;162", "JEM/total"),
        pytest.param({"COLORTERM": "", "TERM": "xterm-256color"}, ";2;", "38;5;", marks=pytest.mark.slow),
        pytest.param({"LC_ALL": "C"}, "─", "---", marks=pytest.mark.slow),
        pytest.param({"LC_ALL": "de_DE.ISO-8859-1"}, "─", "---", marks=pytest.mark.slow),
    ],
)
def test_a_limited_terminal_gets_only_sequences_it_supports(
    environment: dict[str, str], absent: str, present: str, tmp_path: Path
):
    terminal = Terminal("replay", DEMO, "--speed", "1000", JEM_TUI_CONFIG_DIR=str(tmp_path), **environment)
    terminal.wait(lambda text: "ENDED" in text)
    terminal.send("T")
    terminal.wait(lambda text: any("theme" in path.read_text() for path in tmp_path.iterdir()))
    terminal.settled()
    terminal.send("q")
    assert terminal.end() == 0
    assert absent not in terminal.raw
    assert present in terminal.raw


@pytest.mark.slow
@pytest.mark.skipif(not DEMO.exists(), reason="no recorded run")
def test_the_layout_is_restored_at_the_next_start(tmp_path: Path):
    home = {"JEM_TUI_CONFIG_DIR": str(tmp_path)}
    terminal = Terminal("replay", DEMO, "--speed", "1000", **home)
    terminal.wait(lambda text: "ENDED" in text and "notes" in text)
    terminal.send("4")
    terminal.wait(lambda text: "notes" not in text)
    terminal.send("q")
    assert terminal.end() == 0
    terminal = Terminal("replay", DEMO, "--speed", "1000", **home)
    assert "notes" not in terminal.wait(lambda text: "ENDED" in text and "JEM/total" in text)
    terminal.send("q")
    assert terminal.end() == 0
