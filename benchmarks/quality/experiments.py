"""The table of experiments: variants of a recipe against the recipe itself, seed by seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.quality.figures import Figure, Shown, rows_of, summary
from benchmarks.quality.results import RunResult, grouped
from benchmarks.quality.roles import Role
from benchmarks.quality.tables import NONE, TextTable, cell

BETTER, WORSE, MIXED = "✓", "✗", "~"
"""Verdicts on a figure: it improved for every seed, became worse for every seed, or neither."""


def experiments_table(
    results: Sequence[RunResult], base: str, changed: Sequence[Role], on: str, wanted: Sequence[str] = ()
) -> TextTable:
    """Return a row for each variant and time with its figures, their changes and verdicts, below a row of the recipe itself."""
    groups = grouped(results)
    names = rows_of(dict.fromkeys(name for result in results for name in result.figures), wanted)
    rows = [
        row
        for (minutes, name), before in groups.items()
        if name == base
        for row in rows_of_time(
            minutes, before, [(role, groups.get((minutes, role.name), [])) for role in changed], names
        )
    ]
    return TextTable(
        title=f"Variants of {base}, on {on} images",
        header=["hypothesis", "change", "minutes", *(label for _, label, _ in names)],
        rows=rows,
        caption=f"Median over seeds (median change from {base}: {BETTER} better and {WORSE} worse for every seed, {MIXED} "
        "neither; not a significance test).",
    )


def rows_of_time(
    minutes: float,
    before: Sequence[RunResult],
    changed: Sequence[tuple[Role, Sequence[RunResult]]],
    names: Sequence[tuple[str, str, Shown]],
) -> Iterator[list[str]]:
    """Yield the row of the recipe after one time, and those of its variants."""
    recipe = before[0].plan.role.name
    yield ["", recipe, f"{minutes:g}", *(middle(before, name, shown) for name, _, shown in names)]
    earlier = {result.plan.seed: result for result in before}
    for role, after in changed:
        pairs = [(earlier[result.plan.seed], result) for result in after if result.plan.seed in earlier]
        if pairs and role.name != recipe:
            cells = [compared_cell(pairs, name, shown) for name, _, shown in names]
            yield [role.hypothesis, f"{role.name}: `{' '.join(role.words)}`", f"{minutes:g}", *cells]


def middle(results: Sequence[RunResult], name: str, shown: Shown) -> str:
    """Return the median of a figure over runs, in the unit of its row."""
    found = [result.figures[name].value for result in results if name in result.figures]
    return number(median(found), shown) if found else NONE


def compared_cell(pairs: Sequence[tuple[RunResult, RunResult]], name: str, shown: Shown) -> str:
    """Return the figure of a variant with its change and verdict, over the pairs of runs that have the figure."""
    both = [(old.figures[name], new.figures[name]) for old, new in pairs if name in old.figures and name in new.figures]
    if not both:
        return NONE
    after = number(median(new.value for _, new in both), shown)
    return f"{after} ({verdict_of([new.value - old.value for old, new in both], shown)})"


def number(value: float, shown: Shown) -> str:
    """Return a figure without an interval."""
    return cell(summary([Figure(value=value)]), shown)


def verdict_of(differences: Sequence[float], shown: Shown) -> str:
    """Return the median change of a figure, and whether all seeds agree on its sign."""
    gains = [difference if shown.higher else -difference for difference in differences]
    verdict = BETTER if all(gain > 0 for gain in gains) else WORSE if all(gain < 0 for gain in gains) else MIXED
    return f"{median(differences) * shown.scale:+.2g} {verdict}"
