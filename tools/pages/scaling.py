"""Tables of the page on many ranks, computed by the cost model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pages.cost_model import (
    NODE,
    REPLICATED,
    ROWS,
    WORKLOADS,
    WRN_28_10,
    Workload,
    all_gather_of_a_row,
    all_reduce,
    largest,
    sharded,
    speedup,
    step,
    weak_efficiency,
)

RANKS = (8, 64, 512)
BATCHES = (1024, 8192)
SIZES = (36_471_338, 300_000_000, 1_000_000_000, 3_000_000_000)
"""Numbers of parameters of the table of memory."""
BLOCK = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """Return the page with the table between each pair of comments computed."""
    return BLOCK.sub(lambda block: f"{block[1]}\n{TABLES[block[2]]()}\n\n{block[3]}", page)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def ms(seconds: float) -> str:
    """Return seconds as milliseconds with three digits."""
    return f"{1e3 * seconds:#.3g}".rstrip(".") if seconds < 1 else f"{1e3 * seconds:,.0f}"


def compute_table() -> str:
    """Return the table of measured steps, each split into its fixed part and the part of an image."""
    head = ("", "parameters", "gradients", "K", "measured step", "of it fixed", "one more image")
    rows = [
        (
            work.name,
            f"{work.parameters:,}",
            f"{4e-6 * work.parameters:,.1f} MB",
            work.steps,
            f"{1e3 * work.seconds:g} ms for {work.batch} images",
            f"{ms(work.fixed)} ms",
            f"{1e6 * (work.seconds - work.fixed) / work.batch:,.1f} µs",
        )
        for work in WORKLOADS
    ]
    return table(head, rows)


def communication_table() -> str:
    """Return the table of the communication of a step."""
    head = ("ms a step", *(f"{ranks} GPUs" for ranks in RANKS))
    rows = []
    for work in WORKLOADS:
        size = 4 * work.parameters
        for cards, words in ((1, "one card a node"), (NODE, "one card a GPU")):
            rows.append((f"{work.name}: gradients, {words}", *(ms(all_reduce(size, w, cards)) for w in RANKS)))
    rows.append(("E(x) and metrics, any network", *(ms(ROWS * all_gather_of_a_row(w)) for w in RANKS)))
    return table(head, rows)


def weak_table() -> str:
    """Return the table of steps whose batch grows with the number of GPUs."""
    head = ("images a GPU", *(f"{ranks} GPUs" for ranks in RANKS))
    return table(head, [(f"{work.name}, {work.batch}", *(_weak(work, ranks) for ranks in RANKS)) for work in WORKLOADS])


def _weak(work: Workload, ranks: int) -> str:
    batch = work.batch * ranks
    rate = batch / step(work, batch, ranks)
    return f"{weak_efficiency(work, ranks):.0%}, {significant(rate)} images/s"


def significant(number: float) -> str:
    """Return a number with three significant digits and separators."""
    return f"{float(f'{number:.3g}'):,.0f}"


def strong_table() -> str:
    """Return the table of steps whose batch does not grow with the number of GPUs."""
    head = ("batch in all", "one GPU", *(f"{ranks} GPUs" for ranks in RANKS), "≥ half of linear up to")
    rows = [
        (
            f"{work.name}, {batch:,}",
            f"{ms(work.compute(batch))} ms",
            *(f"{ms(step(work, batch, ranks))} ms, {speedup(work, batch, ranks):.1f} ×" for ranks in RANKS),
            f"{largest(work, batch)} GPUs",
        )
        for work in WORKLOADS
        for batch in BATCHES
    ]
    return table(head, rows)


def memory_table() -> str:
    """Return the table of replicated and sharded weights on 64 GPUs."""
    head = ("parameters", "memory of each rank", "all-reduce, 64 GPUs", "with sharded weights", "ratio")
    rows = []
    for parameters in SIZES:
        whole = all_reduce(4 * parameters, 64, NODE)
        split = sharded(parameters, WRN_28_10.steps, 64, NODE)
        memory = f"{REPLICATED * parameters / 1e9:,.1f} GB"
        rows.append((f"{parameters:,}", memory, f"{ms(whole)} ms", f"{ms(split)} ms", f"{split / whole:.1f}"))
    return table(head, rows)


TABLES: dict[str, Callable[[], str]] = {
    "steps": compute_table,
    "communication": communication_table,
    "weak": weak_table,
    "strong": strong_table,
    "memory": memory_table,
}


if __name__ == "__main__":
    print("\n\n".join(make() for make in TABLES.values()))
