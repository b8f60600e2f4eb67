"""Write the generated parts of the documentation: `python tools/make_docs.py`; with `--check`, only report stale files."""

from __future__ import annotations

import sys
from pathlib import Path

from pages.commands import commands_page
from pages.event_schema import event_schema
from pages.events import events_page
from pages.keys import keys_page, with_current_keys, with_short_table
from pages.metrics import with_metrics
from pages.one_page import one_page
from pages.rooms import rooms_page
from pages.scaling import with_tables
from pages.settings import settings_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"


def generated() -> dict[Path, str]:
    """Return the expected text of every generated file."""
    by_hand = [page for folder in (".", "tutorial", "how-to", "explanation") for page in (DOCS / folder).glob("*.md")]
    return {page: with_metrics(with_current_keys(page.read_text(encoding="utf-8"))) for page in by_hand} | {
        README: with_short_table(README.read_text(encoding="utf-8")),
        DOCS / "cli.md": commands_page(),
        DOCS / "events.md": events_page(),
        DOCS / "events.schema.json": event_schema(),
        DOCS / "keys.md": keys_page(),
        DOCS / "explanation" / "one-page.md": one_page(),
        DOCS / "rooms.md": rooms_page(),
        DOCS / "scaling.md": with_tables((DOCS / "scaling.md").read_text(encoding="utf-8")),
        DOCS / "settings.md": settings_page(),
    }


def main() -> int:
    """Write the stale files, or with `--check` report them and return their number."""
    stale = {path: text for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is stale; run: python tools/make_docs.py")
        else:
            path.write_text(text, encoding="utf-8")
    return len(stale) if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
