"""Supervision of the screen: it is started again after a failure, while the run continues."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from jem_tui.tui.supervision.freeze_detector import (
    PATIENCE,
    FreezeDetector,
    ScreenFrozenError,
    allow_interruption,
    forbid_interruption,
    interrupt_main_thread,
)
from jem_tui.tui.supervision.screen_failure import ScreenFailure
from jem_tui.tui.terminal.output_backlog import StallDetector
from jem_tui.tui.terminal.process import forget_job_control

if TYPE_CHECKING:
    from textual.app import ReturnType

    from jem_tui.events.run import Stopped
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.supervision.guarded_app import GuardedApp

MOST_FAILURES, WINDOW = 3, 60.0
"""Number of failures within a number of seconds after which the run continues without a screen."""
FROZEN = f"The screen did not answer for {PATIENCE:.0f} seconds."

_abandoned: list[object] = []
"""Apps and event loops that hang; garbage collection would resume their coroutines."""

MakeApp = Callable[[str], "JemApp"]
"""A function that creates an app for the run; the app displays the argument first."""
Report = Callable[[ScreenFailure], str]
"""A function that prints a failure on the restored terminal, and returns the printed sentence."""


def supervise_screen(
    run: RunHandle,
    make_app: MakeApp,
    report: Report,
    launch: Callable[[JemApp], Stopped | None] | None = None,
    now: Callable[[], float] = monotonic,
) -> Stopped | None:
    """Display `run` until it has ended and the user has quit, and return its end; None if it continues without a screen.

    A screen is not started again if it hangs, if it fails during the exit, or if it fails for the third time in a minute.
    """
    failed: deque[float] = deque(maxlen=MOST_FAILURES)
    notice = ""
    while True:
        stopped, failure = _show_once(partial(make_app, notice), launch or launch_app)
        if failure is None:
            return stopped
        failed.append(now())
        notice = report(failure)
        if stopped is not None:
            return stopped
        too_often = len(failed) == MOST_FAILURES and failed[-1] - failed[0] <= WINDOW
        if failure.hung or run.leaving or too_often:
            return run.ended


def _show_once(
    make_app: Callable[[], JemApp], launch: Callable[[JemApp], Stopped | None]
) -> tuple[Stopped | None, ScreenFailure | None]:
    """Return the end of the run on one screen and the failure of the screen, each if there was one."""
    try:
        app = make_app()
    except Exception as error:
        return None, ScreenFailure.of(error)
    stopped = launch(app)
    return (stopped or _end_of_early_exit(app), None) if app.failure is None else (stopped, app.failure)


def launch_app(app: GuardedApp[ReturnType], **how: Any) -> ReturnType | None:
    """Run the app with Textual's options `how` and return its result; a failure of the app is in `app.failure`.

    The terminal is restored in any case.
    """
    runner = asyncio.Runner()
    streams = sys.stdout, sys.stderr
    traffic = StallDetector()
    try:
        allow_interruption()
        with FreezeDetector(
            interrupt_main_thread, lambda: not app.may_be_silent and traffic.blocked(app._driver)
        ) as watchdog:
            app.answered, app.failed = watchdog.answer, watchdog.hurry
            stopped = app.run(loop=runner.get_loop(), **how)
            runner.close()
        return stopped
    except ScreenFrozenError:
        _abandoned.append((app, runner))
        app.fail(ScreenFailure(FROZEN, f"{FROZEN}\n", hung=True))
    except Exception as error:
        app.fail(ScreenFailure.of(error))
        with suppress(Exception):
            runner.close()
    finally:
        forbid_interruption()
        sys.stdout, sys.stderr = streams
        app.give_back()
        forget_job_control()
    return app.return_value


def _end_of_early_exit(app: JemApp) -> Stopped:
    """Return the end of a run whose screen exited before the run had started, or before the screen received the end.

    After a detachment, the end of the viewer is not that of the run.
    """
    from jem_tui.events.run import Stopped

    run = app.run_handle
    ended = None if run.detached else run.ended
    return ended or Stopped(step=0, images=0, time=0.0, reason=app.exit_request.reason)
