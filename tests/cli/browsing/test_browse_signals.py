"""Signals to the run browser while a command runs in its terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

RUN = """
import sys, time
from queue import SimpleQueue
from jem_tui.cli.finish_on_signals import Finishing
from jem_tui.signals import handle

received = []
finishing = Finishing(SimpleQueue(), lambda: print("abandoned", flush=True))

def on_signal(number, frame):
    received.append(number)
    finishing(number, frame)

handle(on_signal, by_run=True)
print("ready", flush=True)
deadline = time.monotonic() + 60
while len(received) < int(sys.argv[1]) and time.monotonic() < deadline:
    time.sleep(0.01)
print("saved", flush=True)
"""
"""A run that ends after a number of signals; prints `abandoned` if it ends without saving."""
BROWSER = """
import sys
from jem_tui.cli.browsing.browse import attended

code, received = attended([sys.executable, "-c", *sys.argv[1:]])
print(code, *map(int, received))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("send", "arrivals"),
    [
        pytest.param(os.killpg, 2, id="whole group"),
        pytest.param(os.kill, 1, id="browser alone", marks=pytest.mark.slow),
    ],
)
def test_sigterm_lets_a_run_in_the_browser_save(send: Callable[[int, int], None], arrivals: int):
    words = [sys.executable, "-c", BROWSER, RUN, str(arrivals)]
    browser = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert browser.stdout is not None
    assert browser.stdout.readline() == "ready\n"
    send(browser.pid, signal.SIGTERM)
    assert browser.communicate(timeout=60)[0].split() == ["saved", "0", str(int(signal.SIGTERM))]
