"""Signal handlers of the tests of supervised screens."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from jem_tui.signals import AT_ONCE, ENDING


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """Restore the handlers of all signals after each test."""
    names = [*ENDING, *AT_ONCE, signal.SIGURG, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH]
    before = {name: signal.getsignal(name) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)
