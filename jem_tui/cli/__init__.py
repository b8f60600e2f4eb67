"""The command line: `main`, which imports everything else once the signals have their handlers."""

from __future__ import annotations

from jem_tui.signals import INTERRUPTED, Interruption, Leaving, handle, leave_at_once


def main() -> None:
    """Run the `jem-tui` command: one sentence on stderr for what goes wrong, and the documented exit codes."""
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
    last_handlers()
    raise SystemExit(code)
