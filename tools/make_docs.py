"""Write the tables of keys and settings into the documentation: `python tools/make_docs.py`; `--check` only compares."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from jem_tui.config.load import SECTIONS
from jem_tui.config.presets import PRESETS
from jem_tui.tui.keys import KEYS, Key

ROOT = Path(__file__).parent.parent
NEEDS = {
    **dict.fromkeys(("seek", "speed"), "in a replay"),
    **dict.fromkeys(("reseed", "save", "adjust", "evaluate", "rollback"), "while training"),
    "runs": "in a replay of several runs",
}


def key_table() -> str:
    """The keys as a Markdown table."""
    rows = [f"| `{key.written.replace(' ', '` `')}` | {key.tooltip} | {where(key)} | `{key.id}` |" for key in KEYS]
    return "\n".join(["| Key | | Only | Name |", "|---|---|---|---|", *rows])


def where(key: Key) -> str:
    """What must be there for a key to work."""
    focus = f"in the {key.focus}" if key.focus else ""
    return NEEDS.get(key.need or "", focus)


def settings_page() -> str:
    """Every setting with its meaning, range and value in each preset."""
    presets = {name: make() for name, make in PRESETS.items()}
    lines = ["# Settings", "", "Made from `jem_tui/config/schema.py` by `tools/make_docs.py`.", ""]
    lines += [f"- `--preset {name}`: {make.__doc__}" for name, make in PRESETS.items()]
    for section, kind in SECTIONS.items():
        lines += ["", f"## [{section}]", "", kind.__doc__, ""]
        lines += ["| Setting | Meaning | Range | " + " | ".join(presets) + " |", "|---" * (3 + len(presets)) + "|"]
        for field in fields(kind):
            low, high = field.metadata["low"], field.metadata["high"]
            span = f"{low} … {high}" if low is not None else ""
            values = " | ".join(f"{getattr(getattr(p, section), field.name)!s}" for p in presets.values())
            lines.append(f"| `{section}.{field.name}` | {field.metadata['doc']} | {span} | {values} |")
    return "\n".join(lines) + "\n"


def with_keys(readme: str) -> str:
    """The README with the present table of keys."""
    before, _, rest = readme.partition("<!-- keys -->")
    _, _, after = rest.partition("<!-- /keys -->")
    return f"{before}<!-- keys -->\n{key_table()}\n<!-- /keys -->{after}"


def pages() -> dict[Path, str]:
    """Every generated page with the text that it should have."""
    readme = ROOT / "README.md"
    return {readme: with_keys(readme.read_text()), ROOT / "docs" / "settings.md": settings_page()}


def main() -> int:
    """Write the pages, or say which are stale."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run python tools/make_docs.py")
        return len(stale)
    for path, text in pages().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
