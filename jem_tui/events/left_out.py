"""Counts of everything in a log that is neither displayed nor exported, by reason, as sentences and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

LeftOutReason = Literal[
    "no place",
    "replaced",
    "rewound",
    "damaged",
    "lost",
    "cut off",
    "too large",
    "too many",
    "senseless",
    "unreadable",
    "shortened",
]
"""The reason for which something is left out, in the order of the sentences."""

REASONS: tuple[LeftOutReason, ...] = get_args(LeftOutReason)
_ENDINGS: dict[LeftOutReason, tuple[str, str]] = {
    "no place": ("cannot be displayed here", "cannot be displayed here"),
    "replaced": ("was replaced by a later restart", "were replaced by a later restart"),
    "rewound": ("is void since a rollback", "are void since a rollback"),
    "damaged": ("is damaged", "are damaged"),
    "lost": ("holds an unknown number of lost records", "hold an unknown number of lost records"),
    "cut off": ("ends inside a record", "end inside a record"),
    "too large": ("is too large to be read", "are too large to be read"),
    "too many": ("is beyond the limit", "are beyond the limit"),
    "senseless": ("is malformed", "are malformed"),
    "unreadable": ("cannot be read", "cannot be read"),
    "shortened": ("is shortened", "are shortened"),
}
_HARMLESS: frozenset[LeftOutReason] = frozenset({"cut off"})
"""Reasons that lose nothing: a file ends inside a record while it is still written, or because its writer was killed."""
_WORDS = {"pr_curves": "PR curve", "audio": "audio clip", "hparams": "hyperparameter record", "mesh": "mesh"}


class LeftOut:
    """Counts of what is left out, by reason and by name (a noun in the singular)."""

    def __init__(self, counts: Mapping[tuple[LeftOutReason, str], int] | None = None) -> None:
        self._counts: Counter[tuple[LeftOutReason, str]] = Counter(counts or {})

    def __bool__(self) -> bool:
        """Return whether anything is missing; an incomplete last record does not count as a loss."""
        return any(count for (reason, _), count in self._counts.items() if reason not in _HARMLESS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LeftOut) and +self._counts == +other._counts

    __hash__ = None  # type: ignore[assignment]

    def add(self, reason: LeftOutReason, what: str, count: int = 1) -> None:
        """Count `what`, a noun in the singular ("audio clip")."""
        if count:
            self._counts[reason, what] += count

    def merge(self, other: LeftOut) -> None:
        """Add all counts of `other`."""
        self._counts.update(other._counts)

    def count(self, reason: LeftOutReason) -> int:
        """Count everything that is left out for one reason."""
        return sum(count for (each, _), count in self._counts.items() if each == reason)

    def things(self, *reasons: LeftOutReason) -> str:
        """List what is left out for these reasons, or for all reasons without arguments: "3 PR curves and 1 audio clip"."""
        return _listed(counted(what, count) for _, what, count in self._rows() if not reasons or _ in reasons)

    def sentences(self) -> list[str]:
        """Return one sentence for each reason; incomplete last records come last."""
        order = sorted(REASONS, key=lambda reason: reason in _HARMLESS)
        found = [self._sentence(reason) for reason in order if self.count(reason)]
        return [f"{sentence}." for sentence in found]

    def among(self, *reasons: LeftOutReason) -> LeftOut:
        """Return the counts for some reasons."""
        return LeftOut({key: count for key, count in self._counts.items() if key[0] in reasons})

    def as_json(self) -> list[dict[str, Any]]:
        """List reason, name and count of everything that is left out."""
        return [{"reason": reason, "what": what, "count": count} for reason, what, count in self._rows()]

    @classmethod
    def from_json(cls, rows: Sequence[Mapping[str, Any]]) -> LeftOut:
        """Restore the counts from `as_json`. Raises ValueError where `rows` hold anything else."""
        found = cls()
        for row in rows:
            reason, what, count = row["reason"], row["what"], row["count"]
            if reason not in REASONS or not isinstance(what, str) or not isinstance(count, int) or count < 0:
                raise ValueError("not a list of counts by reason")
            found.add(reason, what, count)
        return found

    def _rows(self) -> list[tuple[LeftOutReason, str, int]]:
        rows = [(reason, what, count) for (reason, what), count in self._counts.items() if count > 0]
        return sorted(rows, key=lambda row: (REASONS.index(row[0]), -row[2], row[1]))

    def _sentence(self, reason: LeftOutReason) -> str:
        one, many = _ENDINGS[reason]
        rows = [row for row in self._rows() if row[0] == reason]
        single = len(rows) == 1 and rows[0][2] == 1
        return f"{self.things(reason)} {one if single else many}"


def counted(what: str, count: int) -> str:
    """Write a count with its noun: "1 audio clip", "2,000 values of plugin x"."""
    if count == 1:
        return f"1 {what}"
    head, preposition, rest = what.partition(" of ")
    ending = "es" if head.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{count:,} {head}{ending}{preposition}{rest}"


def plugin_noun(plugin: str) -> str:
    """Name one value of a TensorBoard plugin."""
    return _WORDS.get(plugin, f"value of plugin {plugin}" if plugin else "value of unknown kind")


def _listed(parts: Iterable[str]) -> str:
    found = list(parts)
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)
