from __future__ import annotations

import pytest

from jem_tui.events.run import Event
from tests.jem.runs import run, small_config


@pytest.fixture(scope="session")
def straight(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The uninterrupted run that all others must equal."""
    return run(small_config(), tmp_path_factory.mktemp("straight"))
