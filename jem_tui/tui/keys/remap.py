"""Keys as the user wants them: the `[keys]` of the preferences, checked and laid over the table."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

from jem_tui.tui.keys.key import Key

RESERVED = ("ctrl+c", "ctrl+p")
"""Interrupt and command palette stay where they are."""
MODIFIERS = ("ctrl+", "alt+", "super+", "meta+", "shift+")
NAMED = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The table of keys as it is in force, and what of the user's wishes could not be granted."""

    keys: tuple[Key, ...]
    changed: Mapping[str, str]
    """Names of keys by the id of what they do, as Textual's keymap has them."""
    complaints: tuple[str, ...]
    """A sentence each."""


def remap_keys(table: Sequence[Key], wanted: Mapping[str, object]) -> Keyboard:
    """`table` with the keys that are `wanted` by id, such as `{"pause": "x, space"}`; what clashes or is unknown stays as it was."""
    known = {key.id: key for key in table}
    changed: dict[str, str] = {}
    complaints: list[str] = []
    for name, written in wanted.items():
        complaint = _complaint(name, written, list(known))
        if complaint:
            complaints.append(complaint)
        else:
            changed[name] = ",".join(_named(part) for part in str(written).split(",") if part.strip())
    while clash := next(_clashes(_with(table, changed), changed), None):
        loser, other, shared = clash
        del changed[loser.id]
        complaints.append(f"[keys] {loser.id}: {shared} is already the key of {other.id}; {loser.id} stays as it was.")
    return Keyboard(_with(table, changed), changed, tuple(complaints))


def _complaint(name: str, written: object, known: list[str]) -> str:
    """What is wrong with one entry; empty if nothing is."""
    if name not in known:
        near = get_close_matches(name, known, 1)
        return f"[keys] {name}: there is no such action" + (f"; did you mean {near[0]}?" if near else ".")
    if not isinstance(written, str) or not written.strip(" ,"):
        return f'[keys] {name}: write the names of keys in quotes, such as "x" or "f5,ctrl+n".'
    parts = [_named(part) for part in written.split(",") if part.strip()]
    for part in parts:
        if part in RESERVED:
            return f"[keys] {name}: {part} cannot be used for anything else."
        if not _is_key(part):
            return f'[keys] {name}: "{part}" is no key; write one character, or a name such as f5, enter, ctrl+n or shift+left.'
    return ""


def _with(table: Sequence[Key], changed: Mapping[str, str]) -> tuple[Key, ...]:
    return tuple(replace(key, keys=changed[key.id]) if key.id in changed else key for key in table)


def _clashes(table: Sequence[Key], changed: Container[str]) -> Iterator[tuple[Key, Key, str]]:
    """A key that was changed, one that has the same in the same place, and what they share."""
    for first, second in combinations(table, 2):
        shared = sorted(set(first.keys.split(",")) & set(second.keys.split(",")))
        if shared and first.focus == second.focus and (first.id in changed or second.id in changed):
            loser, other = (second, first) if second.id in changed else (first, second)
            yield loser, other, shared[0]


def _named(part: str) -> str:
    """A key by its long name: `question_mark` for `?`."""
    part = part.strip()
    return _character_to_key(part) if len(part) == 1 else part


def _is_key(name: str) -> bool:
    """Whether a terminal can send a key of that name."""
    plain = name
    for modifier in MODIFIERS:
        plain = plain.removeprefix(modifier)
    return bool(plain) and (plain in NAMED or len(plain) == 1 or key_to_character(plain) is not None)
