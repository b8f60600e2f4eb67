"""Words for the settings that keys adjust, common to labels of keys and displayed notes."""

from __future__ import annotations

from collections.abc import Mapping

from jem_tui.events.commands import Adjustable
from jem_tui.minus_sign import minus_signs

SETTING_WORDS: Mapping[Adjustable, str] = {
    "sgld.steps": "K",
    "sgld.step_size": "step size",
    "optimizer.rate": "learning rate",
}


def with_setting_words(text: str) -> str:
    """Return a note as a screen displays it: about an adjusted setting in words, with minus signs; other notes as recorded."""
    # numpy, which this imports, would delay the first frame
    from jem_tui.events.describe import CHANGING

    rest = text.removeprefix(CHANGING)
    for name, words in SETTING_WORDS.items():
        if rest.startswith((f"{name} ", f"{name}:")):
            return minus_signs(f"{text[: len(text) - len(rest)]}{words}{rest[len(name) :]}")
    return text
