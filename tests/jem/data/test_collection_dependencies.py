"""Dependencies of the collections, which torchvision imports only while it reads their files."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tomllib
from pathlib import Path

import pytest
import torchvision.datasets

from jem_tui.jem.data.datasets import TORCHVISION

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def imported_packages(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    modules = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {module.split(".")[0] for module in modules}


def declared_packages() -> set[str]:
    requirements = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    return {re.split(r"[^\w.-]", requirement)[0] for requirement in requirements}


def test_svhn_imports_a_package_that_torchvision_does_not_declare():
    assert imported_packages(inspect.getsource(torchvision.datasets.SVHN)) == {"scipy"}


@pytest.mark.parametrize("name", TORCHVISION)
def test_every_package_that_a_collection_imports_is_declared(name: str):
    source = inspect.getsource(getattr(torchvision.datasets, TORCHVISION[name]))
    assert imported_packages(source) - sys.stdlib_module_names <= declared_packages()
