"""Fixtures of several rooms, and the signals of the test process."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from hypothesis import settings

from jem_tui.signals import AT_ONCE, ENDING
from tests.examples import FAST
from tests.left_processes import processes_end_with_the_tests as processes_end_with_the_tests
from tests.left_processes import pytest_runtest_call as pytest_runtest_call
from tests.left_processes import pytest_runtest_teardown as pytest_runtest_teardown

LONGEST = ("tests/test_gpu_session.py", "tests/e2e/test_random_runs.py", "tests/test_extending.py")
"""Modules with tests of about a minute."""

# programs started by tests inherit these handlers, also where pytest runs under nohup or in the background
for _name in ("SIGHUP", "SIGQUIT", "SIGTERM"):
    if hasattr(signal, _name):
        signal.signal(getattr(signal, _name), signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# collections walk all of torch and Textual; fewer of them save a twentieth of the time of a test of the screen
gc.set_threshold(50_000, 20, 50)

settings.register_profile("fast", max_examples=FAST, deadline=None)
settings.register_profile("thorough", max_examples=400, deadline=None)
# the same examples each time, so that a commit that has passed passes again; the other two profiles find new ones
settings.register_profile("repeatable", max_examples=FAST, deadline=None, derandomize=True)
settings.load_profile("fast")


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: tests of terminals and screens wait for a third of their time."""
    return (psutil.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that last longest, so that the workers end at about the same time."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(autouse=True)
def signal_handlers_of_each_test() -> Iterator[None]:
    """Restore the handlers of signals after each test: those of a screen outlive it, and would take the signals of a later test."""
    names = (*ENDING, *AT_ONCE)
    before = [signal.getsignal(name) for name in names]
    yield
    for name, handler in zip(names, before, strict=True):
        if handler is not None and signal.getsignal(name) is not handler:
            signal.signal(name, handler)


@pytest.fixture(scope="session", autouse=True)
def preferences_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use an empty folder of preferences, so that no test reads or changes those of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path_factory.mktemp("preferences")))
        yield


@pytest.fixture(scope="session", autouse=True)
def device_of_auto() -> Iterator[None]:
    """Let `train.device=auto` mean the CPU, also in programs that tests start; tests of a GPU name the GPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JEM_TUI_DEVICE", "cpu")
        yield


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run of a tiny model, trained once for all workers. Tests only read it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / "trained" / "run"
    with FileLock(root / "trained.lock"):
        if not folder.exists():
            from tests.jem.trained import trained_run

            trained_run(folder)
    return folder
