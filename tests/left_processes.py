"""Processes that a test has started and not ended: they are killed after a test that fails, and at the end of all tests."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Iterator
from contextlib import suppress

import psutil
import pytest

MARK = "JEM_TUI_TESTED_BY"
"""Environment variable by which the processes of a test process are found, in any session and after the death of their parent."""
SERVERS = ("multiprocessing.forkserver", "multiprocessing.resource_tracker")
"""Processes of Python itself, which end with the test process."""
BEFORE = pytest.StashKey[tuple[set[int], int]]()
"""Ids of all processes when a test was called, and the number of tests that had failed by then."""


@pytest.fixture(scope="session", autouse=True)
def processes_end_with_the_tests() -> Iterator[None]:
    """Mark all processes that tests start, and kill those that are left at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, str(os.getpid()))
        yield
        kill_left_processes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Note all processes when a test is called: they may belong to its fixtures."""
    item.stash[BEFORE] = set(psutil.pids()), item.session.testsfailed
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Kill what a test that has failed leaves behind, after its fixtures."""
    try:
        return (yield)
    finally:
        spared, failed = item.stash.get(BEFORE, (set(), item.session.testsfailed))
        if item.session.testsfailed > failed:
            kill_left_processes(spared)


def kill_left_processes(spared: Collection[int] = ()) -> None:
    """Kill all processes of this test process except those `spared`, and wait until they have ended."""
    own = psutil.Process()
    descendants = {process.pid for process in own.children(recursive=True)}
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid not in spared and _is_left(process, descendants):
                process.kill()
                left.append(process)
    psutil.wait_procs(left, timeout=10)


def _is_left(process: psutil.Process, descendants: set[int]) -> bool:
    """Return whether a process belongs to this test process and does not end automatically."""
    if process.pid == os.getpid():
        return False
    if process.ppid() == os.getpid() and any(server in word for word in process.cmdline() for server in SERVERS):
        return False
    return process.pid in descendants or process.environ().get(MARK) == str(os.getpid())
