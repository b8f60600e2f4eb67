"""Abilities of the terminal: size, characters, colours, images, updates without flicker, mouse."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator

from jem_tui.cli.diagnosis.finding import Finding, note, ok, problem
from jem_tui.cli.screens.app_setup import terminal_graphics
from jem_tui.cli.terminal import ASCII_VARIABLE, attended_terminal, wants_ascii

LEAST = (60, 20)
"""Smallest screen, in columns and rows."""
FULL = (120, 35)
"""Screen on which all panes of a fresh run fit."""
COLOURS = {"truecolor": "16 million", "256": "256", "standard": "16", "windows": "16"}
"""Numbers of colours by the names of Rich."""
SYNCHRONIZED, MOUSE = 2026, 1006
"""Private modes of terminals: synchronized output, and mouse reports of any position (SGR)."""
_MODES = "".join(f"\x1b[?{mode}$p" for mode in (SYNCHRONIZED, MOUSE)) + "\x1b[c"
"""Query of both modes (DECRQM), and of the device attributes, which every terminal answers."""
IF_FLICKERING = "If the screen flickers, use a terminal with synchronized output, such as Kitty, WezTerm or foot."
PATIENCE = 0.5
"""Seconds to wait for an answer, which a connection through ssh delays."""


def terminal_findings() -> Iterator[Finding]:
    """Yield the findings about the terminal of this process."""
    if not attended_terminal():
        yield note(
            "terminal",
            "stdin and stdout are not a terminal, or TERM is dumb",
            "The screen needs a terminal; without one, train prints lines.",
        )
        return
    yield size_finding(*shutil.get_terminal_size())
    yield characters_finding()
    yield colours_finding()
    yield from queried_findings()


def size_finding(columns: int, rows: int) -> Finding:
    """Return the finding about a size in cells."""
    text = f"{os.environ.get('TERM') or 'TERM is not set'}, {columns}×{rows} cells"
    if columns < LEAST[0] or rows < LEAST[1]:
        return problem("terminal", text, f"Enlarge the window to at least {LEAST[0]}×{LEAST[1]} cells.")
    if columns < FULL[0] or rows < FULL[1]:
        return note("terminal", text, f"From {FULL[0]}×{FULL[1]} cells on, all panes are visible at once.")
    return ok("terminal", text)


def characters_finding() -> Finding:
    """Return the finding about the characters of the screen."""
    if os.environ.get(ASCII_VARIABLE):
        return note(
            "characters", f"ASCII only, because {ASCII_VARIABLE} is set", f"Unset {ASCII_VARIABLE} for finer curves."
        )
    if wants_ascii():
        return note(
            "characters", "ASCII only: the locale does not use UTF-8", "Set LANG to a UTF-8 locale, such as C.UTF-8."
        )
    return ok("characters", "UTF-8")


def colours_finding() -> Finding:
    """Return the finding about colours, which follow from environment variables."""
    from rich.console import Console

    if os.environ.get("NO_COLOR"):
        return note("colours", "none, because NO_COLOR is set", "Unset NO_COLOR to see colours.")
    system = Console().color_system
    text = f"{COLOURS.get(system or '', 'no')} colours"
    if system == "truecolor":
        return ok("colours", text)
    return note("colours", text, "If the terminal shows more, set COLORTERM=truecolor.")


def queried_findings() -> Iterator[Finding]:
    """Yield the findings about abilities that the terminal is queried for."""
    from jem_tui.tui.terminal.graphics_probe import query_terminal

    graphics = terminal_graphics()
    if graphics is None:
        yield note(
            "images", "samples are drawn with characters", "Kitty, Ghostty, iTerm2, WezTerm and foot draw pixels."
        )
    else:
        yield ok("images", f"pixels, by the protocol of {graphics.protocol.capitalize()}")
    yield from mode_findings(query_terminal(_MODES, PATIENCE) if sys.stdin.isatty() else "")


def mode_findings(answer: str) -> Iterator[Finding]:
    """Yield the findings about both modes from the answer of the terminal."""
    known = modes_in(answer)
    if not known:
        yield note("updates", "unknown: the terminal does not report its modes", IF_FLICKERING)
        return
    if SYNCHRONIZED in known:
        yield ok("updates", "without flicker (synchronized output)")
    else:
        yield note("updates", "can flicker: no synchronized output", IF_FLICKERING)
    if MOUSE in known:
        yield ok("mouse", "available")
    else:
        yield note("mouse", "not available", "Use the keys: every action has one, which ? lists.")


def modes_in(answer: str) -> set[int]:
    """Return the private modes that an answer to DECRQM reports as known (set, reset, or permanently set)."""
    return {int(mode) for mode, state in re.findall(r"\x1b\[\?(\d{1,5});(\d)\$y", answer) if state in "123"}
