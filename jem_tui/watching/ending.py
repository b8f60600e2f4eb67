"""The end of a watched run, by the exception that leaves its loop."""

from __future__ import annotations

from jem_tui.errors import JemError, StopTraining
from jem_tui.events.commands import Stop
from jem_tui.events.run import Stopped
from jem_tui.stream.run_control import RunControl


def ending(error: BaseException | None, control: RunControl, stop: Stop | None, *, interrupted: bool) -> Stopped:
    """Return the end of a run whose loop was left with `error`, or normally with None.

    `stop` is the request of a viewer that the loop has received; `interrupted` is whether a signal has ended it.
    """
    match error:
        case None | StopTraining() if stop is not None:
            return control.stopped(stop.reason)
        case None:
            return control.stopped("finished")
        case StopTraining():
            return control.stopped("stopped")
        case KeyboardInterrupt():
            return control.stopped("interrupted")
        case SystemExit(code=code) if interrupted or not code:
            return control.stopped("interrupted" if interrupted else "finished")
        case JemError():
            return control.stopped(error.reason, str(error))
    return control.failed(error)
