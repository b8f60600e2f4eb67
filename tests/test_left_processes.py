"""No process outlives the tests that have started it, whether they pass, fail or are interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.wait_until import wait_until

TESTS = """
import pathlib, subprocess, sys

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
DAEMON = '''
import os, subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True, stdout=subprocess.DEVNULL).pid)
'''

def started(name):
    daemon = int(subprocess.run([sys.executable, "-c", DAEMON], stdout=subprocess.PIPE, text=True).stdout)
    child = subprocess.Popen(SLEEPS, env={})
    pathlib.Path(name).write_text(f"{child.pid} {daemon}")

def test_that_fails():
    started("failed")
    raise AssertionError

def test_after_it():
    import psutil
    pids = pathlib.Path("failed").read_text().split()
    alive = [pid for pid in map(int, pids) if psutil.pid_exists(pid)]
    assert not [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]

def test_that_passes():
    started("passed")
"""


def test_processes_that_tests_leave_are_killed(tmp_path: Path) -> None:
    (tmp_path / "test_leaving.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text("from tests.left_processes import *\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "test_leaving.py"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    # pipes would stay open as long as a process that is left
    with (tmp_path / "output.txt").open("w") as output:
        subprocess.run(command, cwd=tmp_path, env=environment, stdout=output, stderr=output)
    assert "1 failed, 2 passed" in (printed := (tmp_path / "output.txt").read_text()), printed
    pids = [int(pid) for name in ("failed", "passed") for pid in (tmp_path / name).read_text().split()]
    wait_until(lambda: not any(map(psutil.pid_exists, pids)), lambda: str(pids))
