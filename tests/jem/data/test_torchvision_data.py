"""Data sets of torchvision: downloads, axes, and dependencies that torchvision imports only while it reads files."""

from __future__ import annotations

import ast
import gzip
import inspect
import re
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from jem_tui.config.data_sets import NAMES, TORCHVISION
from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.datasets import load_data
from tests.jem.data.test_datasets import load

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def source_of(name: str) -> str:
    """Return the source of a class of torchvision, whose import takes a second."""
    from torchvision import datasets

    return inspect.getsource(getattr(datasets, name))


def imported_packages(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    modules = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {module.split(".")[0] for module in modules}


def declared_packages() -> set[str]:
    requirements = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    return {re.split(r"[^\w.-]", requirement)[0] for requirement in requirements}


def test_svhn_imports_a_package_that_torchvision_does_not_declare():
    assert imported_packages(source_of("SVHN")) == {"scipy"}


@pytest.mark.parametrize("name", TORCHVISION)
def test_every_package_that_a_collection_imports_is_declared(name: str):
    assert imported_packages(source_of(TORCHVISION[name].class_name)) - sys.stdlib_module_names <= declared_packages()


@pytest.mark.parametrize("name", TORCHVISION)
def test_a_download_without_network_is_refused_and_leaves_no_files(name, tmp_path, monkeypatch, capsys):
    def fail(*_, **__):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(InputError, match=f"Cannot download {name} .*no network.*mnist-mini") as error:
        load(name, dir=str(tmp_path / "data"))
    assert "\n" not in str(error.value)
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path) -> None:
    folder.mkdir(parents=True)
    for prefix, count in (("train", 20), ("t10k", 10)):
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx(np.full((count, 28, 28), 7)))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(np.arange(count) % 10))


def test_a_downloaded_collection_needs_no_network(tmp_path):
    write_mnist(tmp_path / "MNIST" / "raw")
    data = load("mnist", dir=str(tmp_path))
    assert data.train.images.shape == (20, 28, 28, 1)
    assert data.test.labels.tolist() == list(range(10))
    assert data.class_names[3] == "three"


def test_a_download_reports_its_progress_and_is_moved_into_place(tmp_path, monkeypatch):
    write_mnist(tmp_path / "remote")
    emitted: list[float | None] = []

    class Response:
        def __init__(self, request, *_, **__) -> None:
            name = request.full_url.rsplit("/", 1)[-1]
            self.url = request.full_url
            self._data = gzip.compress((tmp_path / "remote" / name.removesuffix(".gz")).read_bytes())
            self.length = len(self._data)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def read(self, size):
            chunk, self._data = self._data[:size], self._data[size:]
            return chunk

    monkeypatch.setattr(urllib.request, "urlopen", Response)
    monkeypatch.setattr("torchvision.datasets.utils.check_md5", lambda *_: True)
    config = DataConfig(name="mnist", dir=str(tmp_path / "data"))
    data = load_data(config, 0, lambda text, fraction: emitted.append(fraction))
    assert len(data.train) == 20
    assert 1.0 in emitted
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["MNIST"]


def test_the_page_on_data_names_every_collection():
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in page] == []


@pytest.mark.parametrize(("name", "shape"), [("svhn", (3, 32, 32)), ("cifar10", (32, 32, 3)), ("mnist", (28, 28))])
def test_the_axes_of_a_collection_end_as_row_column_channel(name: str, shape: tuple[int, ...], monkeypatch):
    from torchvision import datasets

    row = TORCHVISION[name]

    class Collection:
        targets: ClassVar = [1, 0]
        classes = ("a", "b")

        def __init__(self, root: Path, download: bool, **split: object) -> None:
            self.data = np.arange(2 * np.prod(shape)).reshape(2, *shape).astype(np.uint8)
            assert split in (dict(row.train), dict(row.test))

    monkeypatch.setattr(datasets, row.class_name, Collection)
    images = load(name, dir="anywhere").train.images
    rows = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    expected = np.moveaxis(rows, 1, 3) if name == "svhn" else rows.reshape(2, *shape[:2], -1)
    assert (images == expected.astype(np.uint8)).all()
