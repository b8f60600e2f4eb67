"""Limits on what a live run adds to the memory of a viewer, which are those of a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Adjusted, Diverged, Evaluated, Event, Note, Paused, Resumed, Rewound, StepDone
from jem_tui.stream.log_data.limits import Quota

Value = TypeVar("Value")
_LISTED = (Adjusted, Diverged, Evaluated, Note, Paused, Resumed, Rewound)
"""Events of which a screen lists every one; of all others, it keeps the newest or a bounded number."""


class LiveLimits:
    """A counter of the metrics and the listed events since the start of a run or of its display."""

    def __init__(self) -> None:
        self._quota = Quota()
        self._known: Mapping[str, object] | None = None
        """The metrics of the last step, if all are within the limits."""

    def kept(self, event: Event) -> Event | None:
        """Return the event, without metrics beyond the limit; None for an event beyond the limit of its kind."""
        match event:
            case StepDone():
                return self._step(event)
            case StepBatch():
                beyond = set(self._quota.beyond({**event.points, **event.metrics}))
                points, metrics = _without(beyond, event.points), _without(beyond, event.metrics)
                return event if not beyond else replace(event, points=points, metrics=metrics)
            case _ if isinstance(event, _LISTED) and not self._quota.takes(type(event)):
                return None
            case Evaluated(split=split, scores=scores):
                beyond = set(self._quota.beyond({f"{split}/{name}": 0.0 for name in scores}))
                kept = {name: score for name, score in scores.items() if f"{split}/{name}" not in beyond}
                return event if not beyond else replace(event, scores=kept)
        return event

    def _step(self, event: StepDone) -> StepDone:
        if self._known is not None and event.metrics.keys() == self._known.keys():
            return event
        beyond = set(self._quota.beyond(event.metrics))
        self._known = None if beyond else event.metrics
        if not beyond:
            return event
        return replace(event, metrics=_without(beyond, event.metrics))


def _without(beyond: set[str], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the entries whose tags are not in `beyond`."""
    return {tag: value for tag, value in values.items() if tag not in beyond}
