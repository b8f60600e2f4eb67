"""Commands of the palette that change preferences without a key: signals outside the screen, and questions before restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from textual.app import SystemCommand

from jem_tui.tui.state.session import Session
from jem_tui.tui.supervision.announcer import Announcer
from jem_tui.tui.terminal.terminal_signals import Signal

SIGNALS: dict[Signal, str] = {
    "title": "the window title",
    "taskbar": "the progress on the taskbar",
    "notification": "desktop notifications",
    "bell": "the bell at the end",
}
SIGNAL_HELP = "A signal outside the screen, for a run that trains."
STEERING, ASK = "steering", "ask_before_restarts"
"""Section and name of the preference whether to ask before restarts of chains."""

Keep = Callable[[str, Mapping[str, object]], None]
"""Saves the settings of a section of the preferences."""


def preference_commands(session: Session, announcer: Announcer, keep: Keep) -> Iterator[SystemCommand]:
    """Yield a command for each preference, worded as the change that it makes."""
    for signal, what in SIGNALS.items():
        switch = "off" if announcer.is_on(signal) else "on"
        yield SystemCommand(f"Switch {switch} {what}", SIGNAL_HELP, partial(_switch, announcer, signal, keep))
    asks = session.confirmations.before_restarts
    title = "Restart chains at once" if asks else "Ask before restarts of chains"
    sentence = (
        "Restart chains without a question; the last restart can be undone."
        if asks
        else "Restart chains at the second press of a key only."
    )
    yield SystemCommand(title, sentence, partial(_ask, session, keep))


def _switch(announcer: Announcer, signal: Signal, keep: Keep) -> None:
    announcer.switch(signal)
    keep("signals", {str(name): on for name, on in announcer.chosen.items()})


def _ask(session: Session, keep: Keep) -> None:
    session.confirmations.before_restarts = not session.confirmations.before_restarts
    keep(STEERING, {ASK: session.confirmations.before_restarts})
