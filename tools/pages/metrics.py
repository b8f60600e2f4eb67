"""Tables and sections about the metrics of a run, from the sentences that the help of the screen displays as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from jem_tui.events.metric_texts import COMPUTED, EVALUATED, STEP_METRICS, MetricText
from pages.scaling import table

BLOCK = re.compile(r"(<!-- metrics: ([a-z]+) -->\n).*?(<!-- /metrics -->)", re.DOTALL)


def with_metrics(page: str) -> str:
    """Return the page with the part between each pair of comments rewritten."""
    return BLOCK.sub(lambda block: f"{block[1]}\n{PARTS[block[2]]()}\n\n{block[3]}", page)


def definitions(texts: Mapping[str, MetricText]) -> str:
    """Return a table of tags with meaning, unit and condition."""
    head = ("Tag", "Meaning", "Unit", "Logged")
    return table(head, ((f"`{tag}`", escaped(text.meaning), text.unit, text.logged) for tag, text in texts.items()))


def courses() -> str:
    """Return a section for each curve: its meaning, its healthy course, and the courses that show a fault."""
    return "\n\n".join(sections({**STEP_METRICS, **COMPUTED, **EVALUATED}.items()))


def sections(texts: Iterable[tuple[str, MetricText]]) -> Iterable[str]:
    """Yield a heading with paragraphs for each metric that is a curve."""
    for tag, text in texts:
        if text.healthy:
            meaning = f"{text.meaning[0].upper()}{text.meaning[1:]}."
            yield f"### {tag}: {text.name}\n\n{meaning}\n\n- **Healthy**: {text.healthy}\n- **Faults**: {text.faults}"


def escaped(sentence: str) -> str:
    """Return a sentence as the content of a cell."""
    return sentence.replace("|", r"\|")


PARTS: Mapping[str, Callable[[], str]] = {
    "steps": lambda: definitions(STEP_METRICS),
    "scores": lambda: definitions(EVALUATED),
    "courses": courses,
}
"""Generated parts by the name in the comment."""
