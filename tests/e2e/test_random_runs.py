"""Random kills and random inputs, as scripts: runs replay and resume, sessions survive, and no number changes."""

from __future__ import annotations

import os

import pytest

from tests.reliability import run_python


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the scripts fork")
@pytest.mark.parametrize(
    ("words", "outcomes"),
    [
        (("killed_runs.py", "6", "7"), ["with a checkpoint"]),
        (("monkey_sessions.py", "4", "1", "120"), ["training", "replay"]),
    ],
    ids=["killed runs", "random inputs"],
)
def test_script_of_random_runs_succeeds(words: tuple[str, ...], outcomes: list[str]):
    script, *numbers = words
    printed = run_python(f"tests/e2e/{script}", *numbers)
    assert all(outcome in printed for outcome in outcomes), printed
