"""The user's key assignments: section `[keys]` of the preferences, checked and applied to the key table."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

from jem_tui.events.commands import Command
from jem_tui.tui.keys import EXPORT_KEYS, EXPORT_SCREENS, KEYS
from jem_tui.tui.keys.key import Focus, Key

RESERVED = ("ctrl+c", "ctrl+p")
"""Keys of interrupt and command palette, which cannot be assigned."""
MODIFIERS = ("ctrl+", "alt+", "super+", "meta+", "shift+")
WITH_CHOICES: tuple[Focus, ...] = ("quit", "summary", "settings", "deletion")
"""Dialogs with a list of choices, whose keys precede those of the dialog."""
NAMED = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())


PLACEHOLDER = re.compile(r"\{([a-z][a-z-]*)\}")
"""The name of a key in a text for the user."""


@dataclass(frozen=True)
class Keyboard:
    """The key table with the user's assignments, and errors of assignments that were not applied."""

    keys: tuple[Key, ...]
    changed: Mapping[str, str]
    """Assigned keys by id, in the form of Textual's keymap."""
    errors: tuple[str, ...]
    """One sentence for each assignment that was not applied."""

    def fill(self, text: str) -> str:
        """Return `text` with the displayed key in place of each name in braces, such as `{pause}`; other braces stay."""
        return PLACEHOLDER.sub(lambda found: self.by_name.get(found[1], found[0]), text)

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """The displayed key of each row, by the name of the row."""
        return {key.id: key.written.partition(" ")[0] for key in self.keys}

    @property
    def keymap(self) -> dict[str, str]:
        """Textual's keymap: the assigned keys by id."""
        # Textual removes all bindings of an old or new key of the same screen, and restores those that the keymap names
        tour = {key.id: key.keys for key in self.keys if key.focus == "tour"}
        return {**tour, **self.changed} if self.changed else {}

    def written_key(self, command: Command) -> str:
        """Return the key of a command as it is displayed; empty without a key."""
        return next((key.written.partition(" ")[0] for key in self.keys if key.action == command), "")


DEFAULT_KEYBOARD = Keyboard(KEYS, {}, ())


def keyboard_of(app: object) -> Keyboard:
    """Return the user's keyboard in `app`, or the default one in an app without preferences."""
    found = getattr(app, "keyboard", None)
    return found if isinstance(found, Keyboard) else DEFAULT_KEYBOARD


def remap_keys(table: Sequence[Key], wanted: Mapping[str, object]) -> Keyboard:
    """Apply assignments by id, such as `{"pause": "x, space"}`, to `table`, except unknown, invalid and conflicting ones."""
    known = {key.id: key for key in table}
    changed: dict[str, str] = {}
    errors: list[str] = []
    for name, written in wanted.items():
        error = _error_in(name, written, list(known))
        if error:
            errors.append(error)
        else:
            changed[name] = ",".join(_named(part) for part in str(written).split(",") if part.strip())
    while clash := next(_clashes(_with(table, changed), changed), None):
        conflicting, other, shared = clash
        del changed[conflicting.id]
        errors.append(
            f"[keys] {conflicting.id}: {shared} is already the key of {other.id}; {conflicting.id} keeps its default."
        )
    return Keyboard(_with(table, changed), changed, tuple(errors))


def _error_in(name: str, written: object, known: list[str]) -> str:
    """Return the error of one assignment in a sentence; empty if it is valid."""
    if name not in known:
        near = get_close_matches(name, known, 1)
        return f"[keys] {name}: there is no such action." + (f" Did you mean {near[0]}?" if near else "")
    if not isinstance(written, str) or not written.strip(" ,"):
        return f'[keys] {name}: write the names of keys in quotes, such as "x" or "f5,ctrl+n".'
    parts = [_named(part) for part in written.split(",") if part.strip()]
    for part in parts:
        if part in RESERVED:
            return f"[keys] {name}: {part} cannot be assigned."
        if not _is_key(part):
            return f'[keys] {name}: "{part}" is not a key. Write one character, or a name such as f5, enter, ctrl+n or shift+left.'
    return ""


def _with(table: Sequence[Key], changed: Mapping[str, str]) -> tuple[Key, ...]:
    return tuple(replace(key, keys=changed[key.id]) if key.id in changed else key for key in table)


def _clashes(table: Sequence[Key], changed: Container[str]) -> Iterator[tuple[Key, Key, str]]:
    """Yield a changed key, another key of the same focus, and the name of the key that they share."""
    for first, second in combinations(table, 2):
        shared = sorted(set(first.keys.split(",")) & set(second.keys.split(",")))
        if shared and _share_a_place(first, second) and (first.id in changed or second.id in changed):
            loser, other = (second, first) if second.id in changed else (first, second)
            yield loser, other, shared[0]


def _share_a_place(first: Key, second: Key) -> bool:
    """Return whether two keys work in the same place.

    The keys in `EXPORT_KEYS` work on every screen with content, those of a list of choices in the dialogs `WITH_CHOICES`.
    """
    places: set[Focus] = {first.focus, second.focus}
    exported = any(key.id in EXPORT_KEYS for key in (first, second)) and places <= {"", "choices", *EXPORT_SCREENS}
    return exported or len(places) == 1 or ("choices" in places and places <= {"choices", *WITH_CHOICES})


def _named(part: str) -> str:
    """Return Textual's name of a key, such as `question_mark` for `?`."""
    part = part.strip()
    return _character_to_key(part) if len(part) == 1 else part


def _is_key(name: str) -> bool:
    """Return whether a terminal can send a key of that name."""
    plain = name
    for modifier in MODIFIERS:
        plain = plain.removeprefix(modifier)
    return bool(plain) and (plain in NAMED or len(plain) == 1 or key_to_character(plain) is not None)
