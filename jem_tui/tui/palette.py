"""Every key's action, in the command palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from jem_tui.tui.keys import KEYS, Key


class KeyCommands(Provider):
    """The commands of the key table that the screen offers now."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for key in self._offered():
            yield DiscoveryHit(_name(key), partial(self._run, key), help=key.tooltip)

    async def search(self, query: str) -> Hits:
        """Those whose name or sentence matches."""
        matcher = self.matcher(query)
        for key in self._offered():
            score = max(matcher.match(_name(key)), matcher.match(key.tooltip))
            if score > 0:
                yield Hit(score, matcher.highlight(_name(key)), partial(self._run, key), help=key.tooltip)

    def _offered(self) -> Iterator[Key]:
        bound = {active.binding.id for active in self.screen.active_bindings.values()}
        yield from (key for key in KEYS if key.id in bound)

    async def _run(self, key: Key) -> None:
        await self.screen.run_action(key.action)


def _name(key: Key) -> str:
    return f"{key.label.capitalize()}  ({key.written})"
