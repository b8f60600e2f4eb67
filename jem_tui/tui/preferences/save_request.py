"""How a part of the screen asks that something be remembered."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message


class Remember(Message):
    """Keep `settings` as section `section` of the preferences; it bubbles up to the app."""

    def __init__(self, section: str, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.section = section
        self.settings = settings
