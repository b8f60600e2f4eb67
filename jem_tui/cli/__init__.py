"""The command line: `main`, which imports everything else once the signals have their handlers."""

from __future__ import annotations

import os


def main() -> None:
    """Run the `jem-tui` command: one sentence on stderr for what goes wrong, and the documented exit codes."""
    heed_ctrl_c()
    from jem_tui.signals import INTERRUPTED, Interruption, Leaving, handle, leave_at_once, leave_with

    handle(leave_at_once)
    from jem_tui.cli.outcome import last_handlers, outcome

    interruption = Interruption()
    code = INTERRUPTED
    try:
        handle(interruption)
        code = outcome(interruption)
        handle(Leaving(code))
    except KeyboardInterrupt:
        handle(Leaving(code))
    if interruption.heard:
        # an interpreter in which a KeyboardInterrupt passed through `exec` ends by killing itself
        leave_with(code)
    last_handlers()
    raise SystemExit(code)


def heed_ctrl_c() -> None:
    """Have Ctrl-C end the process in silence from the first moment on: `signal` itself takes milliseconds to import."""
    import _signal  # type: ignore[import-not-found]

    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, lambda number, frame: os._exit(130))
