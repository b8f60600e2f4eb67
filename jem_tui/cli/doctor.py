"""`jem-tui doctor`: checks of the terminal, torch, the machine, folders and surroundings."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.cli.diagnosis.finding import Finding

ARROW = "→"
WIDTH = 11
"""Columns of the longest topic."""
NARROWEST = 40
"""Minimum columns of wrapped lines."""
WORDS = {"ok": "+", "note": "-", "problem": "!"}
"""Signs in place of `SIGNS` where the encoding lacks them."""
SIGNS = {"ok": ("✓", "green"), "note": ("•", "yellow"), "problem": ("✗", "bold red")}


def doctor(
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
) -> None:
    """Check the terminal, torch, the machine and folders, and print a fix for each problem.

    The exit code is 1 if training or its screen would fail.
    """
    groups = []
    for group in findings():
        groups.append(group)
        if not json_:
            print_findings(group)
    found = [each for group in groups for each in group]
    if sys.stdout.isatty() and not json_:
        print(verdict(found))
    if json_:
        print(json.dumps({"schema": 1, "findings": [asdict(each) for each in found]}, indent=2))
    if any(each.state == "problem" for each in found):
        raise typer.Exit(1)


def findings() -> Iterator[list[Finding]]:
    """Yield the findings of one group of checks after the other; importing torch takes seconds."""
    from jem_tui.cli.diagnosis import computing_checks, surroundings_checks, terminal_checks
    from jem_tui.cli.diagnosis.finding import checked

    yield checked("terminal", terminal_checks.terminal_findings)
    yield checked("folders", surroundings_checks.folder_findings)
    yield checked("surroundings", surroundings_checks.surroundings_findings)
    yield checked("machine", computing_checks.machine_findings)
    yield checked("torch", computing_checks.torch_findings)


def verdict(found: Sequence[Finding]) -> str:
    """Return whether training would work, and the number of problems and notes, in one sentence."""
    problems, notes = (sum(each.state == state for each in found) for state in ("problem", "note"))
    counts = (
        f"{count} {noun}{'s' if count != 1 else ''}"
        for count, noun in ((problems, "problem"), (notes, "note"))
        if count
    )
    outcome = "Training or its screen would fail" if problems else "Nothing prevents training"
    return f"{': '.join((outcome, ', '.join(counts)))}." if problems or notes else f"{outcome}."


def print_findings(found: Sequence[Finding]) -> None:
    """Print one line for each finding, and its advice below it; on a terminal, long lines are wrapped with an indent."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for sign, style, text in lines(found, sys.stdout.encoding):
        if sys.stdout.isatty():
            text = wrapped(text, console.width - len(sign) - 1)
        console.print(Text.assemble((sign, style), " ", text))


def wrapped(text: str, width: int) -> str:
    """Return a line of `lines` in lines of at most `width` columns, indented below its text; words that are longer remain whole."""
    head, body = text[: WIDTH + 2], text[WIDTH + 2 :]
    indent = " " * (WIDTH + 6)
    return textwrap.fill(
        body,
        max(width, NARROWEST),
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def lines(found: Sequence[Finding], encoding: str) -> Iterator[tuple[str, str, str]]:
    """Yield the sign of each line, its style, and the text."""
    for each in found:
        sign, style = SIGNS[each.state]
        yield encodable(sign, encoding, WORDS[each.state]), style, f"{each.topic:<{WIDTH}}  {printable(each.text)}"
        if each.advice:
            arrow = encodable(ARROW, encoding, "->")
            yield " ", "", f"{'':<{WIDTH}}  {arrow} {printable(each.advice)}"


def encodable(sign: str, encoding: str, instead: str) -> str:
    """Return a sign, or another one where stdout cannot encode it."""
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return instead
    return sign
