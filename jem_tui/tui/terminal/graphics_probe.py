"""Detection of the terminal's protocol for images, before the app starts.

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
"""Environment variable that names a protocol, or "none"."""
PATIENCE = 0.2
"""Seconds to wait for an answer; five times as long for a terminal that is known to support Kitty's protocol."""
USUAL_CELL = (10, 20)
"""Assumed width and height of a cell in pixels if the terminal does not report them."""

_QUERY = "\x1b[16t\x1b[c"
"""Query of the cell size, and of the device attributes, which every terminal answers."""
_PLACEHOLDERS_QUERY = "\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24,U=1;AAAA\x1b\\" + _QUERY
"""Query of support for Unicode placeholders; Kitty before 0.28 rejects the query as malformed and does not answer."""
_SUPPORTED = "\x1b_Gi=1;OK"
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_SIXEL_VARIABLES = ("KONSOLE_VERSION", "WT_SESSION", "XTERM_VERSION")
_WITHOUT_IMAGES = ("TMUX", "STY", "TEXTUAL_DRIVER")
"""Variables that are set inside multiplexers and browsers, which do not forward images."""

Ask = Callable[[str, float], str]


@dataclass(frozen=True, slots=True)
class Graphics:
    """The protocol of a terminal, and the size of a cell in pixels."""

    protocol: GraphicsProtocol
    cell_width: int = USUAL_CELL[0]
    cell_height: int = USUAL_CELL[1]


def find_graphics(environ: Mapping[str, str], ask: Ask) -> Graphics | None:
    """Return the graphics of the terminal, or None; queries the terminal only if it probably supports Kitty's protocol or Sixel."""
    wanted = environ.get(VARIABLE, "").lower()
    if wanted == "none" or (not wanted and any(name in environ for name in _WITHOUT_IMAGES)):
        return None
    named = next((name for name in get_args(GraphicsProtocol) if name == wanted), None)
    known = named or _by_name(environ)
    if known == "kitty" and not named and _SUPPORTED not in ask(_PLACEHOLDERS_QUERY, 5 * PATIENCE):
        return None
    if known in ("kitty", "iterm2"):
        return Graphics(known)
    if known != "sixel" and not _may_know_sixel(environ):
        return None
    abilities, cell = parse_answer(ask(_QUERY, PATIENCE))
    return Graphics("sixel", *(cell or USUAL_CELL)) if known == "sixel" or 4 in abilities else None


def parse_answer(answer: str) -> tuple[frozenset[int], tuple[int, int] | None]:
    """Return the device attributes in an answer, and width and height of a cell in pixels, or None if they are missing."""
    abilities = re.search(r"\x1b\[\?([\d;]*)c", answer)
    size = re.search(r"\x1b\[6;(\d+);(\d+)t", answer)
    numbers = frozenset(int(number) for number in abilities[1].split(";") if number) if abilities else frozenset()
    cell = (int(size[2]), int(size[1])) if size and int(size[1]) and int(size[2]) else None
    return numbers, cell


def query_terminal(query: str, patience: float) -> str:
    """Send a query to the terminal and return its answer within `patience` seconds; empty without a terminal."""
    try:
        before = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):
        return ""
    try:
        tty.setcbreak(sys.stdin)
        os.write(sys.stdout.fileno(), query.encode())
        return _read_answer(patience) + _window_size()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _read_answer(patience: float) -> str:
    """Read up to the end of the device attributes, or until `patience` seconds have passed."""
    answer, deadline = "", time.monotonic() + patience
    while not re.search(r"\x1b\[\?[\d;]*c", answer) and (left := deadline - time.monotonic()) > 0:
        if not select.select([sys.stdin], [], [], left)[0]:
            break
        answer += os.read(sys.stdin.fileno(), 1024).decode("ascii", "replace")
    return answer


def _window_size() -> str:
    """Return the cell size that the kernel reports, in the form of a terminal's answer; empty if unknown."""
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
