"""The tables of a study as rows of text: figures over seeds, McNemar's tests, and variants of a recipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.quality.figures import Shown, Summary, rows_of
from benchmarks.quality.results import Comparison, RunResult, comparisons, grouped, over_seeds

NONE = "–"


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """A table with a caption."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


def quality_table(results: Sequence[RunResult], on: str, wanted: Sequence[str] = ()) -> TextTable:
    """Return the table of all figures: a column for each role and time, with the spread over seeds."""
    groups = grouped(results)
    summaries = {key: over_seeds(found) for key, found in groups.items()}
    names = dict.fromkeys(name for found in summaries.values() for name in found)
    rows = [*run_rows(groups)]
    for name, label, shown in rows_of(names, wanted):
        rows.append([label, *(cell(found.get(name), shown) for found in summaries.values())])
    return TextTable(
        title=f"Quality after equal training time, on {on} images",
        header=["", *(f"{role}, {minutes:g} min" for minutes, role in groups)],
        rows=rows,
        caption="Median over seeds (lowest … highest seed) [95 % interval of the median seed].",
    )


def run_rows(groups: dict[tuple[float, str], list[RunResult]]) -> Iterator[list[str]]:
    """Yield the rows on the runs themselves."""
    columns = list(groups.values())
    yield ["seeds", *(", ".join(str(result.plan.seed) for result in found) for found in columns)]
    yield ["optimizer steps", *(f"{median(result.mark.step for result in found):,.0f}" for found in columns)]
    minutes = [[result.mark.seconds / 60 for result in found] for found in columns]
    yield ["minutes of training used", *(spread(found, "{:.2f}") for found in minutes)]
    lost = [sum(result.status == "diverged" for result in found) for found in columns]
    diverged = [sum(result.mark.diverged for result in found) for found in columns]
    yield [
        "divergences, and runs that did not recover",
        *(f"{d}, {many}" for d, many in zip(diverged, lost, strict=True)),
    ]


def spread(values: Sequence[float], form: str) -> str:
    """Return a median with the lowest and the highest value, if these differ."""
    low, middle, high = (form.format(value) for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} … {high})"


def cell(found: Summary | None, shown: Shown) -> str:
    """Return a summary in the unit of its row."""
    if found is None:
        return NONE
    form = "{:.2f}" if shown.scale == 100 else "{:.3g}" if abs(found.median) >= 10 else "{:.3f}"
    text = spread([found.low * shown.scale, found.median * shown.scale, found.high * shown.scale], form)
    if found.interval is None:
        return text
    low, high = (form.format(end * shown.scale) for end in found.interval)
    return f"{text} [{low}, {high}]"


def mcnemar_table(results: Sequence[RunResult], first: str, on: str) -> TextTable | None:
    """Return the table of McNemar's tests of a role against all others; None if no two runs can be compared."""
    found = comparisons(results, first)
    if not found:
        return None
    return TextTable(
        title=f"McNemar's test of {first} against others, on {on} images",
        header=["minutes", "against", "seed", f"{first} alone right", "the other alone right", "p"],
        rows=[row for comparison in found for row in comparison_rows(comparison)],
        caption="The pooled test (seed: all) counts an image once for each seed, as if these counts were independent.",
    )


def comparison_rows(found: Comparison) -> Iterator[list[str]]:
    """Yield a row for each seed, and one for all."""
    tests = {**{str(seed): test for seed, test in found.seeds.items()}, "all": found.pooled}
    for seed, test in tests.items():
        yield [
            f"{found.minutes:g}",
            found.second,
            seed,
            f"{test.only_first:,}",
            f"{test.only_second:,}",
            f"{test.p:.2g}",
        ]


def markdown(table: TextTable) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield f"**{table.title}**"
    yield ""
    yield f"| {' | '.join(table.header)} |"
    yield f"|{'---|' * len(table.header)}"
    yield from (f"| {' | '.join(row)} |" for row in table.rows)
    if table.caption:
        yield ""
        yield table.caption
