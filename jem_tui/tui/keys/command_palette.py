"""The command palette: the action of every key, and the commands of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from jem_tui.tui.keys.key import Key
from jem_tui.tui.keys.remap import keyboard_of

NAME_STARTS, NAME_HAS, SENTENCE_HAS = 1.0, 0.9, 0.5
"""Scores of a hit: a match in a name ranks above a match in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    name: str
    keys: str = ""
    sentence: str
    id: str = ""
    """Name of a key in the preferences, which is found as well."""
    run: Callable[[], Any]

    @property
    def title(self) -> str:
        return f"{self.name}  ({self.keys})" if self.keys else self.name


class CommandProvider(Provider):
    """The commands that the screen offers now, found by a part of name or sentence, not by scattered letters."""

    async def discover(self) -> Hits:
        """Yield all commands, for an empty query."""
        for command in self._offered():
            yield DiscoveryHit(command.title, command.run, help=command.sentence)

    async def search(self, query: str) -> Hits:
        """Yield the commands whose name or sentence contains `query`."""
        wanted = query.strip().casefold()
        for command in self._offered():
            score = _score(wanted, command)
            if score:
                yield Hit(score, _highlighted(command.title, wanted), command.run, help=command.sentence)

    def _offered(self) -> Iterator[_Command]:
        known = {key.id: key for key in keyboard_of(self.app).keys}
        bound = {active.binding.id: active.binding for active in self.screen.active_bindings.values()}
        for key_id, binding in bound.items():
            if key_id in known:
                key = known[key_id]
                yield _Command(
                    name=_name(key, binding.description),
                    keys=key.written,
                    sentence=binding.tooltip,
                    id=key.id,
                    run=partial(self._run, key),
                )
        for extra in self.app.get_system_commands(self.screen):
            yield _Command(name=extra.title, sentence=extra.help, run=extra.callback)

    async def _run(self, key: Key) -> None:
        await self.screen.run_action(key.textual_action)


def _name(key: Key, word: str) -> str:
    """Return the label of a key, or the `word` of its binding where the state of the run has changed it, such as "resume"."""
    return key.label if word == key.word else word[:1].upper() + word[1:]


def _score(wanted: str, command: _Command) -> float:
    name = command.name.casefold()
    if name.startswith(wanted):
        return NAME_STARTS
    if wanted in name:
        return NAME_HAS
    return SENTENCE_HAS if wanted in f"{command.sentence} {command.id}".casefold() else 0.0


def _highlighted(title: str, wanted: str) -> Content:
    start = title.casefold().find(wanted)
    return Content(title).stylize("bold underline", start, start + len(wanted)) if start >= 0 else Content(title)
