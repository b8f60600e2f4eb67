"""The public names: documented, typed, on the page of the API, and cheap to import."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
MODULES = ("jem_tui", "jem_tui.events")
NAMES = [(module, name) for module in MODULES for name in import_module(module).__all__ if not name.startswith("__")]
EVERY_NAME = pytest.mark.parametrize(("module", "name"), NAMES, ids=[".".join(each) for each in NAMES])


@EVERY_NAME
def test_a_public_name_is_documented(module: str, name: str):
    found = getattr(import_module(module), name)
    if not is_code(found):
        return
    assert own_docstring(found), f"{name} has no docstring"
    if inspect.isclass(found):
        assert [member for member, value in members(found) if not own_docstring(value)] == []


@EVERY_NAME
def test_a_public_name_is_typed(module: str, name: str):
    found = getattr(import_module(module), name)
    functions = [found] if inspect.isfunction(found) else [value for _, value in members(found)]
    assert [function.__name__ for function in functions if untyped(function)] == []


@EVERY_NAME
def test_a_public_name_is_on_the_page_of_the_api(module: str, name: str):
    home = getattr(getattr(import_module(module), name), "__module__", module)
    documented = re.findall(r"^::: ([\w.]+)$", PAGE, re.MULTILINE)
    assert f"{home}.{name}" in documented or home in documented or f"`{name}`" in PAGE


def is_code(found: Any) -> bool:
    """Return whether an object is a class or a function, which a docstring can describe."""
    return inspect.isclass(found) or inspect.isfunction(found)


def own_docstring(found: Any) -> str:
    """Return the docstring of an object itself, without the one that a dataclass generates from its fields."""
    text = found.__doc__ or ""
    return "" if text.startswith(f"{getattr(found, '__name__', '')}(") else text


def members(found: Any) -> list[tuple[str, Any]]:
    """Return the public methods and properties that a class of this package defines, properties as their functions."""
    if not inspect.isclass(found):
        return []
    own = {name: value for name, value in vars(found).items() if not name.startswith("_")}
    functions = {
        name: value.fget if isinstance(value, property) else getattr(value, "func", value)
        for name, value in own.items()
    }
    return [(name, value) for name, value in functions.items() if inspect.isfunction(value)]


def untyped(function: Any) -> bool:
    parameters = [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]
    return not {*parameters, "return"} <= set(function.__annotations__)


def test_importing_the_package_imports_nothing_heavy():
    names = [f"{module}.__all__" for module in MODULES]
    script = f"import sys, jem_tui, jem_tui.events; {'; '.join(names)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {"torch", "numpy", "textual", "tensorboard", "rich", "typer", "pandas", "polars", "asyncio"}
    assert heavy & set(done.stdout.split()) == set()


def test_reading_a_run_imports_neither_torch_nor_textual_nor_pandas():
    script = "import sys, jem_tui; jem_tui.open_run, jem_tui.train, jem_tui.watch; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"torch", "textual", "pandas", "polars"} & set(done.stdout.split()) == set()


def test_dir_lists_the_public_names():
    import jem_tui

    assert set(jem_tui.__all__) <= set(dir(jem_tui))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = jem_tui.nothing


@pytest.mark.slow
def test_a_script_of_a_user_passes_mypy_strict(tmp_path: Path):
    """Without the settings of this project, as in the user's own."""
    script = Path(__file__).with_name("user_script.py")
    words = ["--strict", "--config-file=", f"--cache-dir={tmp_path}", "--follow-untyped-imports", str(script)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words], capture_output=True, text=True, cwd=tmp_path, env=environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr


def environment() -> dict[str, str]:
    """Return the environment with the package on mypy's path, as an installed package would be."""
    import os

    return {**os.environ, "MYPYPATH": str(ROOT)}
