"""The table of experiments: variants of a recipe against the recipe itself, seed by seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.quality.figures import Shown, rows_of, summary
from benchmarks.quality.results import RunResult, grouped
from benchmarks.quality.roles import Role
from benchmarks.quality.tables import TextTable, cell


def experiments_table(results: Sequence[RunResult], base: str, changed: Sequence[Role], on: str) -> TextTable:
    """Return a row for each variant, time and figure, with the figure before and after and a verdict."""
    groups = grouped(results)
    rows = [
        row
        for (minutes, name), found in groups.items()
        for role in changed
        if role.name == name and (minutes, base) in groups
        for row in variant_rows(role, minutes, groups[minutes, base], found)
    ]
    return TextTable(
        title=f"Variants of {base}, on {on} images",
        header=["hypothesis", "change", "minutes", "figure", "before", "after", "verdict"],
        rows=rows,
        caption="Median over seeds (lowest … highest). Better or worse: the change has this sign for every seed; not a significance test.",
    )


def variant_rows(
    role: Role, minutes: float, before: Sequence[RunResult], after: Sequence[RunResult]
) -> Iterator[list[str]]:
    """Yield the rows of one variant after one time, with each figure that both have."""
    earlier = {result.plan.seed: result for result in before}
    pairs = [(earlier[result.plan.seed], result) for result in after if result.plan.seed in earlier]
    change = f"{role.name}: `{' '.join(role.words)}`"
    for name, label, shown in rows_of(dict.fromkeys(name for _, result in pairs for name in result.figures)):
        both = [
            (old.figures[name], new.figures[name]) for old, new in pairs if name in old.figures and name in new.figures
        ]
        if not both:
            continue
        cells = [cell(summary([pair[side] for pair in both]), shown) for side in (0, 1)]
        verdict = verdict_of([new.value - old.value for old, new in both], shown)
        yield [role.hypothesis, change, f"{minutes:g}", label, *cells, verdict]


def verdict_of(differences: Sequence[float], shown: Shown) -> str:
    """Return whether all seeds agree on the sign of a change, and its median."""
    gains = [difference if shown.higher else -difference for difference in differences]
    size = f"{median(differences) * shown.scale:+.3g}"
    if all(gain > 0 for gain in gains):
        return f"better, {size}"
    if all(gain < 0 for gain in gains):
        return f"worse, {size}"
    return f"seeds disagree, {size}"
