"""Control sequences for window title, taskbar and desktop notifications, and the terminals that understand them.

Title: xterm's OSC 2, with its stack of titles (CSI 22 t and 23 t). Taskbar: OSC 9;4, https://conemu.github.io/en/AnsiEscapeCodes.html.
Notifications: OSC 9 of iTerm2, OSC 777 of urxvt. A terminal that does not know a sequence
ignores it, prints it, or interprets it as another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from jem_tui.printable import printable

Signal = Literal["title", "taskbar", "notification", "bell"]
WORKING, FAILED, UNKNOWN, PAUSED = 1, 2, 3, 4
"""States of the taskbar."""
BELL = "\a"
NO_PROGRESS = "\x1b]9;4;0;0\a"
SAVE_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
MOST_CHARACTERS = 200
_TITLED = (
    "xterm",
    "rxvt",
    "tmux",
    "kitty",
    "alacritty",
    "foot",
    "wezterm",
    "konsole",
    "st-",
    "contour",
    "mintty",
    "vte",
)
_OSC_9 = ("iTerm.app", "WezTerm", "ghostty")
_OSC_777 = ("foot", "rxvt", "contour")
_FIRST_VTE_WITH_TASKBAR = 7900


@runtime_checkable
class RestoringDriver(Protocol):
    """A driver of a terminal that writes its `farewell` when it restores the terminal."""

    output: Any
    farewell: str

    def write(self, data: str) -> None:
        """Write to the terminal."""


@dataclass(frozen=True, slots=True)
class TerminalSignals:
    """The signals that a terminal is known to understand."""

    title: bool = False
    taskbar: bool = False
    notification: Literal["", "9", "777"] = ""
    """The number of the OSC sequence of a notification; empty if none is known."""
    tmux: bool = False
    """True inside tmux, which passes other sequences than the title on only if they are wrapped, and if `allow-passthrough` is on."""

    def announced(self, title: str, body: str, *, forced: bool) -> str:
        """Return the sequence of a notification; empty if the terminal has none and the user has not `forced` one."""
        title, body = (clean(text).replace(";", ",") for text in (title, body))
        match self.notification or ("9" if forced else ""):
            case "777":
                return self.wrapped(f"\x1b]777;notify;{title};{body}\a")
            case "9":
                return self.wrapped(f"\x1b]9;{title}: {body}\a")
        return ""

    def progress(self, state: int, percent: int) -> str:
        """Return the sequence that shows a progress on the taskbar."""
        return self.wrapped(f"\x1b]9;4;{state};{percent}\a")

    def wrapped(self, sequence: str) -> str:
        """Return a sequence as tmux passes it on to its terminal."""
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" if self.tmux else sequence


def find_signals(environ: Mapping[str, str]) -> TerminalSignals:
    """Return what the terminal understands, from its environment variables; nothing in GNU screen and on a console."""
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    inside = bool(environ.get("TMUX"))
    if environ.get("STY") and not inside:
        return TerminalSignals()
    version = environ.get("VTE_VERSION", "")
    vte = int(version) if version.isdecimal() else 0
    taskbar = bool(environ.get("WT_SESSION")) or environ.get("ConEmuANSI") == "ON" or program in ("ghostty", "mintty")
    outer = environ.get("LC_TERMINAL", "") if inside else ""
    osc_9 = program in _OSC_9 or outer == "iTerm2" or "KITTY_WINDOW_ID" in environ or term == "xterm-ghostty"
    return TerminalSignals(
        title=inside or term.startswith(_TITLED),
        taskbar=taskbar or term == "xterm-ghostty" or vte >= _FIRST_VTE_WITH_TASKBAR,
        notification="9" if osc_9 else "777" if term.startswith(_OSC_777) or vte else "",
        tmux=inside,
    )


def title_sequence(text: str) -> str:
    """Return the sequence that sets the title of the window."""
    return f"\x1b]2;{clean(text)}\a"


def clean(text: str) -> str:
    """Return a text without control characters, which would end or extend a sequence, in at most `MOST_CHARACTERS`."""
    return printable(text)[:MOST_CHARACTERS]
