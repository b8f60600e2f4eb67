"""Which pixels a terminal can show beside its characters, found out before the app starts.

Kitty: https://sw.kovidgoyal.net/kitty/graphics-protocol/. Sixel: the DEC STD 070 manual. iTerm2: https://iterm2.com/documentation-images.html.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import sys
import termios
import time
import tty
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

GraphicsProtocol = Literal["kitty", "sixel", "iterm2"]
VARIABLE = "JEM_TUI_GRAPHICS"
"""Of the environment: a protocol, or "none"."""
PATIENCE = 0.2
"""Seconds that a terminal has to answer; one that is known for its pictures has five times as many."""
USUAL_CELL = (10, 20)

_QUESTION = "\x1b[16t\x1b[c"
"""The size of a cell, and the terminal's abilities, which every terminal answers."""
_PLACEHOLDERS_QUESTION = "\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24,U=1;AAAA\x1b\\" + _QUESTION
"""Whether pictures are shown where placeholders are: Kitty before 0.28 calls that malformed and leaves it unanswered."""
_AGREED = "\x1b_Gi=1;OK"
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_SIXEL_VARIABLES = ("KONSOLE_VERSION", "WT_SESSION", "XTERM_VERSION")
_COVERED = ("TMUX", "STY", "TEXTUAL_DRIVER")
"""Set inside multiplexers and browsers, which do not pass pictures on."""

Ask = Callable[[str, float], str]


@dataclass(frozen=True, slots=True)
class Graphics:
    """A protocol, and the size of a cell in pixels."""

    protocol: GraphicsProtocol
    cell_width: int = USUAL_CELL[0]
    cell_height: int = USUAL_CELL[1]


def find_graphics(environ: Mapping[str, str], ask: Ask) -> Graphics | None:
    """What the terminal of this environment can do; it is asked only where it is likely to know Kitty's pictures or Sixel."""
    wanted = environ.get(VARIABLE, "").lower()
    if wanted == "none" or (not wanted and any(name in environ for name in _COVERED)):
        return None
    told = next((name for name in get_args(GraphicsProtocol) if name == wanted), None)
    known = told or _by_name(environ)
    if known == "kitty" and not told and _AGREED not in ask(_PLACEHOLDERS_QUESTION, 5 * PATIENCE):
        return None
    if known in ("kitty", "iterm2"):
        return Graphics(known)
    if known != "sixel" and not _may_know_sixel(environ):
        return None
    abilities, cell = parse_answer(ask(_QUESTION, PATIENCE))
    return Graphics("sixel", *(cell or USUAL_CELL)) if known == "sixel" or 4 in abilities else None


def parse_answer(answer: str) -> tuple[frozenset[int], tuple[int, int] | None]:
    """The numbers of a terminal's abilities, and width and height of its cells in pixels, if it says so."""
    abilities = re.search(r"\x1b\[\?([\d;]*)c", answer)
    size = re.search(r"\x1b\[6;(\d+);(\d+)t", answer)
    numbers = frozenset(int(number) for number in abilities[1].split(";") if number) if abilities else frozenset()
    cell = (int(size[2]), int(size[1])) if size and int(size[1]) and int(size[2]) else None
    return numbers, cell


def query_terminal(question: str, patience: float) -> str:
    """Write to the terminal and return what it answers within so many seconds; empty where there is none to ask."""
    try:
        before = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):
        return ""
    try:
        tty.setcbreak(sys.stdin)
        os.write(sys.stdout.fileno(), question.encode())
        return _listen(patience) + _window_size()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _listen(patience: float) -> str:
    """What comes up to the answer that every terminal gives."""
    answer, deadline = "", time.monotonic() + patience
    while not re.search(r"\x1b\[\?[\d;]*c", answer) and (left := deadline - time.monotonic()) > 0:
        if not select.select([sys.stdin], [], [], left)[0]:
            break
        answer += os.read(sys.stdin.fileno(), 1024).decode("ascii", "replace")
    return answer


def _window_size() -> str:
    """The size of a cell as the kernel knows it, in the words of a terminal; empty where it does not."""
    try:
        rows, columns, width, height = struct.unpack(
            "4H", fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, bytes(8))
        )
    except OSError:
        return ""
    return f"\x1b[6;{height // rows};{width // columns}t" if rows and columns and width and height else ""


def _by_name(environ: Mapping[str, str]) -> GraphicsProtocol | None:
    program = environ.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environ or environ.get("TERM") == "xterm-kitty" or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm") or environ.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    return None


def _may_know_sixel(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "").startswith(_SIXEL_TERMS) or any(name in environ for name in _SIXEL_VARIABLES)
