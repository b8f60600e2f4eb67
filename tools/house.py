"""Measure the source tree against its aims: `python tools/house.py` prints the table, `--help` names the rest."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from measures import docstrings, duplicates, homonyms, rooms, sizes, untyped, vocabulary
from measures.fast_set import time_fast_set
from measures.glossary import glossary_findings
from measures.source_tree import Finding
from measures.table import Row, measured_rows, page

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "house.md"
LISTS: dict[str, Callable[[], list[Finding]]] = {
    "banned": vocabulary.banned_words,
    "docstrings": docstrings.all_findings,
    "homonyms": homonyms.homonyms,
    "sizes": sizes.too_long,
    "untyped": untyped.untyped_helpers,
    "duplicates": lambda: duplicates.duplicates_in_program() + duplicates.duplicates_in_tests(),
    "glossary": glossary_findings,
    "upward": rooms.arrows_upward,
    "circles": rooms.circles,
}


def main() -> int:
    """Run the command line and return its exit code."""
    asked = _parser().parse_args()
    sys.path.insert(0, str(ROOT))
    if asked.list:
        return print_findings(LISTS[asked.list](), asked.paths)
    passed = time_fast_set() if asked.time else True
    rows = measured_rows()
    if asked.write:
        PAGE.write_text(page(rows), "utf-8")
    print(page(rows) if not asked.check else "\n".join(_line(row) for row in rows))
    failed = [row.title for row in rows if row.enforced and not row.reached]
    return 1 if not passed or (asked.check and failed) else 0


def print_findings(findings: list[Finding], paths: list[str]) -> int:
    """Print the findings under `paths`, all where none is given, and their number; return 1 where there are any."""
    prefixes = tuple(Path(path).resolve().relative_to(ROOT).as_posix() for path in paths)
    chosen = [
        each
        for each in findings
        if not prefixes or any(f"{each.path}/".startswith(f"{each_prefix}/") for each_prefix in prefixes)
    ]
    for each in chosen:
        print(each)
    kinds = Counter(each.text.split(" → ")[0] if " → " in each.text else each.text.split(":")[0] for each in chosen)
    most = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(12) if count > 1)
    print(f"{len(chosen)} found" + (f": {most}" if most else ""), file=sys.stderr)
    return 1 if chosen else 0


def _line(row: Row) -> str:
    return f"{row.state:<12} {row.title}: {row.written_value} (aim {row.aim})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/house.py", description=__doc__)
    parser.add_argument("list", nargs="?", choices=LISTS, help="print the places that miss one aim as path:line: text")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="print only places in these files or folders")
    parser.add_argument("--check", action="store_true", help="exit with 1 where an enforced aim is missed")
    parser.add_argument("--write", action="store_true", help="write the table to docs/house.md")
    parser.add_argument("--time", action="store_true", help="run the fast tests first and record their seconds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
