"""The lessons of the tutorial, executed command by command and key by key in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documented_commands import ROOT, commands_in
from tests.e2e.emulated_terminal import Terminal, steps_shown

LESSONS = [ROOT / "docs" / "tutorial" / name for name in ("first-run.md", "steering.md", "replay.md")]
SIZE = (44, 150)
PRESSES = {
    "train --run-dir runs/first": [("q", "Stop and save"), ("s", "")],
    "train --resume runs/first": [("q", "Stop and save"), ("s", "")],
    "train --run-dir runs/steered": [
        ("p", "PAUSED"),
        ("n", "PAUSED"),
        ("p", "TRAINING"),
        ("r", "restarted all 4,000 chains"),
        ("w", "restarted 16 chains"),
        ("W", "restarted 400 chains"),
        ("K", "K 5 → 6"),
        ("k", "K 6 → 5"),
        ("J", "step size 0.4 →"),
        ("L", "learning rate"),
        ("e", "validation: accuracy"),
        ("s", "checkpoint saved"),
        ("u", "again to roll back to step"),
        # twice, as the question may expire before a busy machine sends the key that confirms it
        ("uu", "rolled back"),
        ("q", "Stop and save"),
        ("s", ""),
    ],
    "replay runs/first": [("p", "PAUSED"), (">", "×16"), ("<", "×8"), ("q", "")],
}
"""By command on the screen: each key with a text that is on the screen afterwards; empty where the program ends."""


@pytest.mark.slow
def test_every_lesson_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for lesson in LESSONS:
        for words in commands_in(lesson):
            terminal = Terminal(*words, size=SIZE)
            for key, result in presses(lesson, words, terminal):
                terminal.send(key)
                if result:
                    terminal.wait(lambda text, result=result: result in text)
            assert terminal.end(seconds=120) == 0, terminal.text
    made = ["runs/first/run.json", "runs/steered/run.json", "runs/first/export/scalars.csv", "samples.png"]
    assert [path for path in made if not (tmp_path / path).exists()] == []


def presses(lesson: Path, words: list[str], terminal: Terminal) -> list[tuple[str, str]]:
    """Return the keys to press during a command, once its screen is ready. Every key must occur in the lesson."""
    keys = PRESSES.get(" ".join(words), [])
    text = lesson.read_text(encoding="utf-8")
    assert [key for pressed, _ in keys for key in pressed if f"`{key}`" not in text] == []
    if keys:
        terminal.wait(lambda shown: ("TRAINING" in shown and steps_shown(shown) > 20) or "REPLAY" in shown)
    return keys
