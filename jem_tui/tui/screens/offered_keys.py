"""The keys that work now, in words that fit the state of the run and in the order of the footer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from textual.binding import ActiveBinding

from jem_tui.tui.keys import (
    BACK,
    DETACH,
    DETACH_OR_STOP,
    LEAVE,
    PAUSE,
    PLAY_AGAIN,
    QUIT,
    RECORDED_SETTINGS,
    RESUME,
    SECTIONS,
    SETTINGS,
    Focus,
    Key,
)
from jem_tui.tui.keys.conditions import ON_SCREENS
from jem_tui.tui.keys.remap import Keyboard
from jem_tui.tui.state.session import Session

NOT_IN_FOOTER = frozenset({"cursor-far-left", "cursor-far-right"})
"""Keys of a pane that the footer leaves out even while the pane has the focus."""
DRAW = "draw"


class OfferedKeys:
    """The user's keyboard in the current state of the run."""

    def __init__(self, session: Session, keyboard: Keyboard) -> None:
        self._session = session
        self._keyboard = keyboard

    def working(self) -> list[Key]:
        """Return all keys that work now in some pane, with words that fit the state of the run."""
        return [self._worded(key) for key in self._keyboard.keys if self._offers(key)]

    @property
    def table(self) -> tuple[Key, ...]:
        """All keys with the user's assignments."""
        return self._keyboard.keys

    def listed(self, active: Mapping[str, ActiveBinding]) -> list[Key]:
        """Return the keys of the bindings `active`, each once, in their order."""
        known = {key.id: key for key in self.working()}
        found = dict.fromkeys(each.binding.id for each in active.values())
        return [known[name] for name in found if name in known]

    def in_order(self, active: Mapping[str, ActiveBinding]) -> dict[str, ActiveBinding]:
        """Return the bindings `active` with the words of the keys; those of the focused pane come first, and are in the footer."""
        known = {key.id: key for key in self.working()}
        focus = focused_pane(known[each.binding.id] for each in active.values() if each.binding.id in known)
        of_pane = {key.id for key in known.values() if focus and key.focus == focus}
        near = of_pane | {key.id for key in SECTIONS.get(focus, ())}
        first: dict[str, ActiveBinding] = {}
        others: dict[str, ActiveBinding] = {}
        for name, each in active.items():
            key = known.get(each.binding.id or "")
            if key is None:
                others[name] = each
                continue
            shown = (key.id in near and key.id not in NOT_IN_FOOTER) or key.in_footer
            binding = replace(key.binding, show=shown)
            (first if key.id in near else others)[name] = each._replace(binding=binding, tooltip=key.tooltip)
        return first | others

    def _offers(self, key: Key) -> bool:
        known = isinstance(key.action, str) or self._session.accepts(key.action)
        return known and key.focus not in ON_SCREENS and (key.need is None or self._session.can(key.need))

    def _worded(self, key: Key) -> Key:
        if key.id == PAUSE.id and self._session.at_end_of_recording:
            return replace(PLAY_AGAIN, keys=key.keys)
        if key.id == PAUSE.id and self._session.state.paused:
            return replace(RESUME, keys=key.keys)
        if key.id == SETTINGS.id and not self._session.can("adjust"):
            return replace(RECORDED_SETTINGS, keys=key.keys)
        if key.id == SETTINGS.id and self._session.has_own_knobs:
            return replace(key, in_footer=True)
        if key.id == DRAW and self._session.has_other_model:
            return replace(key, in_footer=False)
        return replace(self._quit_words(), keys=key.keys) if key.id == QUIT.id else key

    def _quit_words(self) -> Key:
        session = self._session
        if session.role.attachment is None or session.state.stopped is not None:
            return QUIT if session.at_risk else BACK if session.role.from_browser else LEAVE
        return DETACH_OR_STOP if session.can_stop_elsewhere else DETACH


def focused_pane(keys: Iterable[Key]) -> Focus:
    """Return the pane whose own keys are among `keys`, the bindings that are active; empty without a focused pane."""
    return next((key.focus for key in keys if key.focus not in ("", "tour")), "")
