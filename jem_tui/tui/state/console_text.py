"""The newest output of a script as a terminal would display it: carriage returns and cursor movements are applied to lines."""

from __future__ import annotations

import re
from collections import deque

from jem_tui.printable import printable

MOST_LINES = 2000
"""Number of lines that are kept."""
MOST_CHARACTERS = 1000
"""Length of a line beyond which its text is dropped."""
MOST_UNFINISHED = 256
"""Length of an escape sequence beyond which it is not awaited any more."""
TAB = 8
FEW_LINES, SHORT_LINE = 3, 50
"""Lines, and characters of a line, of output that is brief."""

_TOKEN = re.compile(
    r"(?P<control>\x1b\[(?P<parameters>[0-9;?]*)[ -/]*(?P<final>[@-~]))"
    r"|(?P<title>\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\))"
    r"|(?P<escape>\x1b[ -/]*[0-Z\\`-~])"
    r"|(?P<single>[\n\r\t\b\x07])"
    r"|(?P<text>[^\x1b\n\r\t\b\x07]+)"
)
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")


class ConsoleText:
    """A bounded list of lines with a cursor. Of all escape sequences, a line keeps only those of colours and emphasis (SGR)."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque([""], maxlen=MOST_LINES)
        self._up = 0
        """Lines between the cursor and the last line."""
        self._returned = False
        """True if the next text replaces the line at the cursor."""
        self._unfinished = ""
        self.ended_lines = 0
        """Number of line breaks since the start, including those of lines that are not kept any more."""
        self.changes = 0
        """Number of calls of `feed` that were not empty."""

    def __bool__(self) -> bool:
        """Return whether there was any output."""
        return self.changes > 0

    def __len__(self) -> int:
        """Return the number of lines that are kept."""
        return len(self._lines)

    @property
    def is_brief(self) -> bool:
        """True if all lines that are kept are few and short, so that a small pane displays them."""
        return len(self._lines) <= FEW_LINES + 1 and all(
            len(without_styles(line)) <= SHORT_LINE for line in self._lines
        )

    def feed(self, text: str) -> None:
        """Apply output; an escape sequence may continue in the next call."""
        if not text:
            return
        self.changes += 1
        text = self._unfinished + text
        found = _UNFINISHED.search(text)
        cut = found.start() if found and len(text) - found.start() <= MOST_UNFINISHED else len(text)
        text, self._unfinished = text[:cut], text[cut:]
        for match in _TOKEN.finditer(text):
            self._apply(match)

    def newest(self, count: int, end: int | None = None) -> list[str]:
        """Return the last `count` lines, or those before the line break number `end`; an empty last line is left out."""
        total = self.ended_lines + (1 if without_styles(self._lines[-1]) else 0)
        first = self.ended_lines + 1 - len(self._lines)
        stop = max(0, (total if end is None else min(end, total)) - first)
        return list(self._lines)[max(0, stop - count) : stop]

    def _apply(self, match: re.Match[str]) -> None:
        match match.lastgroup:
            case "text":
                self._write(printable(match[0]))
            case "single":
                self._apply_character(match[0])
            case "control":
                self._apply_control(match["parameters"], match["final"], match[0])

    def _apply_character(self, character: str) -> None:
        match character:
            case "\n":
                self._break_line()
            case "\r":
                self._returned = True
            case "\t":
                self._write(" " * (TAB - len(self._line) % TAB))
            case "\b":
                self._line = self._line[:-1]

    def _apply_control(self, parameters: str, final: str, sequence: str) -> None:
        count = int(parameters) if parameters.isdecimal() and len(parameters) < 5 else 1
        match final:
            case "m" if "?" not in parameters:
                self._write(sequence)
            case "A" | "F":
                self._up = min(len(self._lines) - 1, self._up + count)
                self._returned = self._returned or final == "F"
            case "B" | "E":
                self._up = max(0, self._up - count)
                self._returned = self._returned or final == "E"
            case "G" if count == 1:
                self._returned = True
            case "K" if self._returned or parameters == "2":
                self._line = ""
            case "J" if parameters in ("", "0"):
                self._erase_below()

    @property
    def _line(self) -> str:
        return self._lines[-1 - self._up]

    @_line.setter
    def _line(self, text: str) -> None:
        self._lines[-1 - self._up] = text

    def _write(self, text: str) -> None:
        before = "" if self._returned else self._line
        self._returned = False
        self._line = before + text[: max(0, MOST_CHARACTERS - len(before))]

    def _break_line(self) -> None:
        """Move the cursor to the next line, whose text the next text replaces."""
        self._returned = True
        if self._up:
            self._up -= 1
            return
        self._lines.append("")
        self.ended_lines += 1

    def _erase_below(self) -> None:
        if self._returned:
            self._line = ""
        while self._up:
            self._lines.pop()
            self._up -= 1
            self.ended_lines -= 1


def without_styles(line: str) -> str:
    """Return a line without its sequences of colours and emphasis."""
    return _STYLE.sub("", line)
