"""Number of threads on which numpy calculates in a viewer."""

from __future__ import annotations

import os

import pytest

from jem_tui.cli.process_setup import limit_threads_of_numpy

NAME = "OPENBLAS_NUM_THREADS"


@pytest.mark.parametrize(("chosen", "expected"), [(None, "1"), ("3", "3")])
def test_numpy_has_one_thread_unless_the_user_has_set_a_number(monkeypatch, chosen, expected):
    # Registers the variable to be restored
    monkeypatch.setenv(NAME, chosen or "")
    if chosen is None:
        monkeypatch.delenv(NAME)
    limit_threads_of_numpy()
    assert os.environ[NAME] == expected
