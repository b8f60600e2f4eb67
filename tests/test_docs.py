from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_generated_tables_are_up_to_date():
    script = [sys.executable, str(ROOT / "tools" / "make_docs.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_that_the_documentation_points_to_exists():
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "results" / "README.md",
    ]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_every_page_is_in_the_navigation_of_the_site():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if not re.search(rf"^ *- {re.escape(page)}$", navigation, re.MULTILINE)] == []


def test_every_name_on_the_page_of_the_python_api_is_defined():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    names = re.findall(r"^::: ([\w.]+)$", page, re.MULTILINE)
    assert names
    assert [name for name in names if not is_defined(name)] == []


def is_defined(name: str) -> bool:
    """Return whether a dotted name is a module, or a class or function of its parent module, without an import."""
    module, _, last = name.rpartition(".")
    source = ROOT / f"{module.replace('.', '/')}.py"
    if not source.exists():
        return (ROOT / f"{name.replace('.', '/')}.py").exists()
    return re.search(rf"^(class|def) {last}\b", source.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_every_place_that_the_architecture_names_exists():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    places = re.findall(r"`((?:\w+/)*\w+\.py)(?:: ([\w.]+))?`", page)
    assert len(places) > 40
    assert [(file, name) for file, name in places if not defines(ROOT / "jem_tui" / file, name)] == []


def defines(source: Path, name: str) -> bool:
    """Return whether a file exists and defines every part of a dotted name."""
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    return text != "" and all(
        re.search(rf"^ *(class|def) {part}\b", text, re.MULTILINE) for part in name.split(".") if part
    )
