"""The command line.

`main` imports everything else only after the signal handlers are installed. A command lives in the module of its name; what a command
needs beyond the standard library and Typer is imported inside its function, so that `--help` stays fast.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the `jem-tui` command. A failure is one sentence on stderr and one of the documented exit codes."""
    heed_ctrl_c()
    # imports create many objects and no garbage; `options` enables the collector again
    gc.disable()
    from jem_tui.signals import INTERRUPTED, Interruption, Leaving, handle, leave_at_once, leave_with

    handle(leave_at_once)
    from jem_tui.cli.outcome import last_handlers, outcome
    from jem_tui.cli.registration import call

    interruption = Interruption()
    code = INTERRUPTED
    try:
        handle(interruption)
        code = outcome(call, interruption)
        handle(Leaving(code))
    except KeyboardInterrupt:
        handle(Leaving(code))
    # Imported with every screen that can open a model
    if "jem_tui.cli.screens.drawing_models" in sys.modules:
        from jem_tui.cli.screens.drawing_models import leave_drawings_behind

        leave_drawings_behind(code)
    if interruption.received:
        # An interpreter in which a KeyboardInterrupt passed through `exec` ends by killing itself.
        leave_with(code)
    last_handlers()
    raise SystemExit(code)


def heed_ctrl_c() -> None:
    """Let Ctrl-C end the process without a traceback during start-up, before `signal`, which takes milliseconds to import, is loaded."""
    import _signal  # type: ignore[import-not-found]

    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, lambda number, frame: os._exit(130))
