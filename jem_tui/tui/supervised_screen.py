"""A screen that is started again after it has failed, over the run that never stopped."""

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
    from jem_tui.events.run import Stopped
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.state.run_handle import RunHandle

MOST_FAILURES, WINDOW = 3, 60.0
"""Failures within so many seconds after which the run continues without a screen."""
FROZEN = f"The screen did not answer for {PATIENCE:.0f} seconds."

_abandoned: list[object] = []
"""Apps and loops that hang: collecting them as garbage would run what is left of them."""

MakeApp = Callable[[str], "JemApp"]
"""A function that builds an app over the run; the argument is the first sentence of the app."""
Report = Callable[[ScreenFailure], str]
"""A function that prints a failure on a terminal that is free, and returns the sentence."""


def supervise_screen(
    run: RunHandle,
    make_app: MakeApp,
    report: Report,
    launch: Callable[[JemApp], Stopped | None] | None = None,
    now: Callable[[], float] = monotonic,
) -> Stopped | None:
    """Show `run` until it has ended and the user has left, and return its end; None where it continues without a screen.

    A screen that hangs, or fails while it is being left or for the third time in a minute, is not started again.
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
    """Return how the run ended on one screen, if it did, and the failure of the screen, if there was one."""
    try:
        app = make_app()
    except Exception as error:
        return None, ScreenFailure.of(error)
    stopped = launch(app)
    return (stopped or _left_early(app), None) if app.failure is None else (stopped, app.failure)


def launch_app(app: JemApp, **how: Any) -> Stopped | None:
    """Run the app to its end with Textual's options `how`; the failure of the app, if any, is in `app.failure`.

    The terminal is restored in any case.
    """
    runner = asyncio.Runner()
    streams = sys.stdout, sys.stderr
    traffic = StallDetector()
    try:
        allow_interruption()
        with FreezeDetector(
            interrupt_main_thread, lambda: not app.leaving and traffic.blocked(app._driver)
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


def _left_early(app: JemApp) -> Stopped:
    """Return the end of a run whose screen was left before there was anything to end, or before the screen knew of the end."""
    from jem_tui.events.run import Stopped

    return app.run_handle.ended or Stopped(step=0, images=0, time=0.0, reason=app.reason)
