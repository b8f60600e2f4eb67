"""Names for the tags of a log and its sub-folders: unique, printable and of bounded length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from google_crc32c import value as checksum

from jem_tui.printable import printable

LONGEST_TAG = 4096
"""Maximum number of characters that are kept of a tag; a checksum replaces the rest."""
_Held = TypeVar("_Held")


class Tag(NamedTuple):
    """A tag with the sub-folder of its file (or "")."""

    run: str
    tag: str

    @classmethod
    def of(cls, run: str, tag: str) -> Tag:
        """Make a tag of a written tag of any length."""
        return cls(run, bounded(tag))


def bounded(tag: str) -> str:
    """Shorten a tag beyond `LONGEST_TAG` so that different tags stay different."""
    if len(tag) <= LONGEST_TAG:
        return tag
    return f"{tag[:LONGEST_TAG]}…{checksum(tag.encode('utf-8', 'surrogatepass')):08x}"


def named(held: Mapping[Tag, _Held]) -> dict[str, _Held]:
    """Replace each tag by its name: its own for a tag of the folder itself, preceded by the sub-folder's name for others.

    Where two names would be equal (`train/loss`, and `loss` in the folder `train`), the name for the sub-folder is `train:
    loss`.
    """
    names: dict[Tag, str] = {}
    taken: set[str] = set()
    again: Counter[str] = Counter()
    for tag in sorted(held, key=lambda tag: tag.run != ""):
        own, run = printable(tag.tag), printable(tag.run)
        name = f"{run}/{own}" if run else own
        if name in taken and run:
            name = f"{run}: {own}"
        usual = name
        while name in taken:
            again[usual] += 1
            name = f"{usual} ({again[usual] + 1})"
        names[tag] = name
        taken.add(name)
    return {names[tag]: each for tag, each in held.items()}
