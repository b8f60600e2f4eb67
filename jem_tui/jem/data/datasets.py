"""Sources of images: the MNIST subset in the package, torchvision's data sets, or a folder."""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from jem_tui.config.data_sets import NAMES, OUTSIDE, TORCHVISION, TorchvisionData
from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.held_out_classes import without_classes
from jem_tui.jem.data.image_folder import read_folder
from jem_tui.jem.data.image_set import DataSet, ImageSet, Reading
from jem_tui.jem.data.own_data import read_own_data
from jem_tui.message_text import nearest, nearest_path
from jem_tui.plugins.kinds import DATA
from jem_tui.plugins.module_file import module_file
from jem_tui.plugins.resolve import entry_names, names_code, naming_hint, nearest_plugin
from jem_tui.user_folders import cache_folder, expanded

UNFINISHED = ".unfinished-"
DAY = 86_400
DIGITS = tuple("0123456789")
DOWNLOADED = {"raw", "processed", "cifar-10-batches-py"}
"""Folders that torchvision makes inside its own."""


def load_data(config: DataConfig, seed: int, report: ReportProgress) -> DataSet:
    """Load the data set that the settings name, without held-out classes. Raises InputError if it is not available."""
    return without_classes(read_source(config, seed, report), config.hold_out)


def read_source(config: DataConfig, seed: int, report: ReportProgress) -> DataSet:
    """Read all classes of the collection, function or folder that the settings name. Raises InputError if it is not available."""
    if config.args and (config.name in NAMES or (not is_own_data(config.name) and expanded(config.name).is_dir())):
        raise InputError(
            f"The data set {config.name} takes no data.args, but {', '.join(config.args)} is set.",
            "Arguments are for data of your own: --data module:function.",
        )
    if config.name in NAMES:
        return collection(config, report)
    if is_own_data(config.name):
        return read_own_data(config, seed, report)
    if expanded(config.name).is_dir():
        return read_folder(expanded(config.name), config, seed, report)
    if expanded(config.name).exists():
        raise InputError(f"{config.name} is not a folder.", "Pass a folder with a sub-folder of images for each class.")
    if Path(config.name).name != config.name:
        near = nearest_path(expanded(config.name), folders_in(expanded(config.name).parent))
        hint = "Check the path. If the data of a recorded run has moved, pass the new folder with --data-dir."
        if ":" in config.name:
            hint = naming_hint(DATA, config.name, NAMES)
        raise InputError(f"There is no folder named {config.name}{near}.", hint)
    raise unknown_data(config.name)


def unknown_data(name: str) -> InputError:
    """Return the error of a name, not a path, of which there is no data set and no folder."""
    near = nearest_plugin(name, ()) or nearest(name.casefold(), NAMES) or nearest(name, folders_in(Path()))
    own = ":" in name or module_file(name) is not None
    hint = naming_hint(DATA, name, NAMES) if own else f"Data sets: {', '.join((*NAMES, *entry_names(DATA)))}."
    return InputError(f"There is no data set and no folder named {name}{near}.", hint)


def is_own_data(name: str) -> bool:
    """Return whether a name is that of an installed plug-in, or `module:function` and not a folder."""
    return name in entry_names(DATA) or (names_code(name) and not expanded(name).is_dir())


def folders_in(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, none where the folder cannot be read."""
    try:
        return [entry.name for entry in folder.iterdir() if entry.is_dir()]
    except OSError:
        return []


def collection(config: DataConfig, report: ReportProgress) -> DataSet:
    """Load a collection, and report a folder that has the collection's name. Raises InputError if a download fails."""
    warning = name_conflict(config.name)
    if warning:
        report(warning, None)
    try:
        data = mnist_mini() if config.name == "mnist-mini" else torchvision_set(config.name, downloads(config), report)
    except InputError as error:
        raise InputError(error.message, f"{error.hint} {warning[:1].upper()}{warning[1:]}".strip()) from None
    return replace(data, reading=Reading(warnings=(warning,) if warning else ()))


def name_conflict(name: str) -> str:
    """Write a warning on a folder of class folders that has the name of a collection; empty where there is no such folder."""
    if not set(folders_in(Path(name))) - DOWNLOADED:
        return ""
    return f"the name {name} refers to a built-in data set; for the folder of this name, use --data ./{name}"


def downloads(config: DataConfig) -> Path:
    """Return where torchvision's collections are kept. Raises InputError if that is nowhere."""
    if config.dir:
        return expanded(config.dir)
    cache = cache_folder()
    if cache is None:
        raise InputError(
            f"There is no home folder to download {config.name} into.",
            "Choose a folder with --data-dir, or use --data mnist-mini, which needs no download.",
        )
    return cache / "data"


def mnist_mini() -> DataSet:
    """Load 10,000 training and 2,000 test digits of MNIST from the package; their licence is in the same folder."""
    with resources.files("jem_tui.jem.data").joinpath("mnist_mini/mnist_mini.npz").open("rb") as file:
        archive = np.load(file, allow_pickle=False)
        arrays = {name: archive[name] for name in archive.files}
    train, test = (
        ImageSet(images=arrays[f"{split}_images"][..., None], labels=arrays[f"{split}_labels"].astype(np.int64))
        for split in ("train", "test")
    )
    return DataSet(name="mnist-mini", class_names=DIGITS, train=train, test=test)


def torchvision_set(name: str, folder: Path, report: ReportProgress) -> DataSet:
    """Load a data set of torchvision, downloaded into `folder` unless it is there already."""
    report(f"importing torchvision for {name}", None)
    row = TORCHVISION[name]
    make = maker(row)
    try:
        train, test = make(folder, True, False), make(folder, False, False)
    except (RuntimeError, OSError, ValueError):
        download(name, make, folder, report)
        train, test = make(folder, True, False), make(folder, False, False)
    class_names = tuple(str(c).split(" - ")[-1] for c in getattr(train, "classes", DIGITS))
    images = (_as_images(split, row.axes) for split in (train, test))
    return DataSet(name=name, class_names=class_names, train=next(images), test=next(images))


def present_test_images(name: str, folder: Path) -> ImageSet:
    """Read the test images of a data set of `OUTSIDE` from a folder. Raises InputError if they are not there."""
    row = OUTSIDE[name]
    try:
        return _as_images(maker(row)(folder, False, False), row.axes)
    except (RuntimeError, OSError, ValueError):
        split = "".join(f", {key}={value!r}" for key, value in row.test.items())
        raise InputError(
            f"There is no {name} in {folder}.",
            f"Download it with torchvision.datasets.{row.class_name}({str(folder)!r}{split}, download=True), or pass its folder with --data-dir.",
        ) from None


def download(name: str, make: Callable[[Path, bool, bool], Any], folder: Path, report: ReportProgress) -> None:
    """Download into a temporary folder next to `folder` and move the data into place when complete."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        forget_unfinished(folder)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as unfinished, _progress_to(report, name):
            for train in (True, False):
                make(Path(unfinished), train, True)
            for part in Path(unfinished).iterdir():
                _move_into(part, folder)
    except (OSError, RuntimeError, ValueError) as error:
        if new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        cause = (str(error).strip().splitlines() or [type(error).__name__])[-1].strip("<>. ")
        raise InputError(
            f"Cannot download {name} into {folder}: {cause}.",
            "Check the network, pass a folder that already holds the data set with --data-dir, or use --data mnist-mini, which needs no network.",
        ) from None


def forget_unfinished(folder: Path) -> None:
    """Remove what downloads that were killed left behind a day ago or earlier; a younger one may still be at work."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > DAY:
            shutil.rmtree(left, ignore_errors=True)


def maker(row: TorchvisionData) -> Callable[[Path, bool, bool], Any]:
    """Return a function that opens a part of a data set from a folder, the training images if the second argument is true; the third allows a download."""
    from torchvision import datasets

    kind = getattr(datasets, row.class_name)
    return lambda root, train, fetch: kind(root, download=fetch, **(row.train if train else row.test))


def _as_images(collection: Any, axes: tuple[int, ...]) -> ImageSet:
    pixels = np.asarray(collection.data)
    if axes:
        pixels = pixels.transpose(axes)
    labels = collection.targets if hasattr(collection, "targets") else collection.labels
    return ImageSet(images=pixels.reshape(*pixels.shape[:3], -1), labels=np.asarray(labels, np.int64))


def _move_into(part: Path, folder: Path) -> None:
    target = folder / part.name
    if target.is_dir():
        shutil.rmtree(target)
    part.replace(target)


@contextmanager
def _progress_to(report: ReportProgress, name: str) -> Iterator[None]:
    """Redirect torchvision's output on stdout and stderr, which would disturb the screen, to progress reports."""
    from torchvision.datasets import utils

    class Bar:
        def __init__(self, total: int | None = None, **_: Any) -> None:
            self._total, self._done = total, 0

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, count: int) -> None:
            self._done += count
            report(f"downloading {name}", self._done / self._total if self._total else None)

    original = utils.tqdm
    utils.tqdm = Bar
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        utils.tqdm = original
