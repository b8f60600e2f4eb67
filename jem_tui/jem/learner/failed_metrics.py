"""The failure of metrics without which a run continues."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class FailedMetrics:
    """The state of the metrics of health checks, which are not measured again after a failure."""

    failed: bool = False
    _notes: list[str] = field(default_factory=list)
    """Sentences that have not been emitted."""

    def fail(self, text: str) -> None:
        """Measure the metrics no more, for the reason in a sentence."""
        self.failed = True
        self._notes.append(text)

    def take_notes(self) -> list[str]:
        """Return the sentences that have not been emitted, once."""
        notes, self._notes = self._notes, []
        return notes
