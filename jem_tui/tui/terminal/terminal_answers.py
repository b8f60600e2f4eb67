"""A parser of the terminal's input that ignores late answers to queries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

_ANSWER = re.compile(r"\x1b\[(?:[?>=][\d;]*[@-~]|[46];\d+;\d+t)")
"""Device attributes, states of modes of keyboards, and sizes in pixels; states of other modes end in `$y` and are Textual's."""
_GRAPHICS_ANSWER = re.compile(r"\x1b_G[^\x1b]*\x1b\\")
"""Answer to a query of Kitty's graphics protocol."""


class AnswerSafeParser(XTermParser):
    """Textual's parser, but an answer that arrives after its query has timed out causes no key.

    Textual reads the characters of an unknown sequence as keys, so that `ESC[?62c` would press `?`, `6`, `2` and `c`.
    """

    def feed(self, data: str) -> Iterable[Message]:
        """Parse `data` without the answers about graphics in it."""
        left = _GRAPHICS_ANSWER.sub("", data)
        # Textual's parser ends when it is fed no characters
        return super().feed(left) if left or not data else ()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """Return the keys of a sequence; a key that Textual ignores for an answer of the terminal."""
        if _ANSWER.fullmatch(sequence):
            return (events.Key(Keys.Ignore, sequence),)
        return super()._sequence_to_key_events(sequence, alt)
