"""Runs are found at any depth, each once, through links, past what cannot be read; each event file belongs to one run."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.stream.runs import folder_walk
from jem_tui.stream.runs.find_runs import SPLITS, RunFolder, as_runs, run_files, runs_below
from jem_tui.stream.runs.folder_walk import Folder, search
from tests.examples import examples

Tree: TypeAlias = "tuple[tuple[str, ...], Sequence[tuple[str, Tree]]]"
"""Names of the files of a folder, and its folders by name."""

LOCKED = "locked"
NAMES = st.sampled_from(
    ["train", "validation", "eval_small", "test", "seed_1", "lr=0.1", "checkpoints", ".hidden", LOCKED, "tfevents_run"]
) | st.binary(min_size=1, max_size=4).map(lambda name: os.fsdecode(name.translate(None, b"/\0") or b"x")).filter(
    lambda name: name not in (".", "..")
)
EVENT_FILE = "events.out.tfevents.1.host"
CONTENTS = st.sampled_from(
    [(), (), (EVENT_FILE,), ("run.json",), ("run.json", EVENT_FILE), ("x.txt",), ("fifo.tfevents",)]
)
TREES = st.recursive(
    st.tuples(CONTENTS, st.just(())),
    lambda part: st.tuples(CONTENTS, st.lists(st.tuples(NAMES, part), max_size=3, unique_by=lambda each: each[0])),
    max_leaves=10,
)
LINKS = st.lists(
    st.tuples(st.integers(0, 99), st.integers(-1, 99), st.sampled_from(["link", ".link", "train"])), max_size=4
)


def make(folder: Path, tree: Tree) -> Iterator[Path]:
    """Create the folders of a tree, and yield each."""
    contents, within = tree
    folder.mkdir()
    yield folder
    for name in contents:
        os.mkfifo(folder / name) if name.startswith("fifo") else (folder / name).write_bytes(b"")
    for name, part in within:
        yield from make(folder / name, part)


def make_links(made: list[Path], links: Iterable[tuple[int, int, str]]) -> None:
    """Make links from folder to folder: up, down and across; to nowhere where the target is -1."""
    for source, target, name in links:
        path = made[source % len(made)] / name
        if not os.path.lexists(path):
            path.symlink_to("nowhere" if target < 0 else made[target % len(made)], target_is_directory=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trees")


@pytest.fixture(scope="module", autouse=True)
def locked_folders() -> Iterator[None]:
    """Make folders of that name unreadable, even for root."""
    read = folder_walk._entries

    def refuse(path: Path) -> list[os.DirEntry[str]]:
        if path.resolve().name == LOCKED:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_walk, "_entries", refuse)
        yield


def reachable(root: Path) -> set[str]:
    """Return the real paths of the folders that can be read, by following every name from the root on."""
    found: set[str] = set()
    waiting = [root.resolve()]
    while waiting:
        real = waiting.pop()
        if str(real) in found or real.name == LOCKED:
            continue
        found.add(str(real))
        entries = list(real.iterdir())
        is_run = any(entry.name in ("run.json", EVENT_FILE) for entry in entries)
        skipped = {"checkpoints"} if is_run else set()
        followed = [entry for entry in entries if entry.is_dir() and entry.name not in skipped]
        waiting += [entry.resolve() for entry in followed if not entry.name.startswith(".")]
    return found


@settings(max_examples=examples(15), deadline=None)
@given(TREES, LINKS)
def test_every_folder_is_searched_once_with_any_links(place: Path, tree, links):
    root = place / "root"
    try:
        made = list(make(root, tree))
        make_links(made, links)
        found = search(root)
        assert found.complete
        assert Counter(os.path.realpath(f.path) for f in found.folders) == Counter(reachable(root))
        assert all(path.resolve().name == LOCKED for path in found.unreadable)
        runs = as_runs(found.folders)
        files = [os.path.realpath(file) for run in runs for file in run.files]
        assert Counter(files) == Counter(
            file for real in reachable(root) if Path(file := f"{real}/{EVENT_FILE}").exists()
        )
        for run in runs:
            assert run.path == root or root in run.path.parents
            assert all(run.path in file.parents for file in run.files)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def expected(path: Path, tree: Tree, inside: bool = False) -> Iterator[tuple[Path | str, bool, int]]:
    """Yield the runs of a tree without links, by the rules as a person would apply them: path, ours, number of event files."""
    contents, _ = tree
    ours = "run.json" in contents
    if ours:
        yield path, True, EVENT_FILE in contents
        for name, part in searched(tree):
            yield from expected(path / name, part)
    elif inside or EVENT_FILE in contents or splits_alone(tree):
        own, others = EVENT_FILE in contents, []
        for name, part in searched(tree):
            below = list(expected(path / name, part, inside=True))
            own += sum(count for where, _, count in below if where == "part")
            others += [each for each in below if each[0] != "part"]
        yield ("part" if inside else path), False, own
        yield from others
    else:
        for name, part in searched(tree):
            yield from expected(path / name, part)


def searched(tree: Tree) -> list[tuple[str, Tree]]:
    contents, within = tree
    is_run = "run.json" in contents or EVENT_FILE in contents
    return [
        (name, part)
        for name, part in within
        if not name.startswith(".") and name != LOCKED and not (is_run and name == "checkpoints")
    ]


def has_any(tree: Tree) -> bool:
    return bool({"run.json", EVENT_FILE} & {*tree[0]}) or any(has_any(part) for _, part in searched(tree))


def splits_alone(tree: Tree) -> bool:
    filled = [(name, part) for name, part in searched(tree) if has_any(part)]
    alike = all(name in ("train", "validation", "eval_small", "test") for name, _ in filled)
    return alike and any(
        name in SPLITS and EVENT_FILE in part[0] and "run.json" not in part[0] for name, part in filled
    )


@settings(max_examples=examples(15), deadline=None)
@given(TREES)
def test_folders_become_runs_by_the_rules(place: Path, tree):
    root = place / "tree"
    try:
        list(make(root, tree))
        found = as_runs(search(root).folders)
        wanted = sorted(each for each in expected(root, tree))
        assert sorted((run.path, run.ours, len(run.files)) for run in found) == wanted
    finally:
        shutil.rmtree(root, ignore_errors=True)


def with_events(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / EVENT_FILE).touch()
    return root


def names(root: Path) -> list[str]:
    return [str(run.path.relative_to(root)) for run in runs_below(root).runs]


@pytest.mark.parametrize(
    ("made", "runs"),
    [
        (("lr=0.1/seed_1", "lr=0.1/seed_2"), ["lr=0.1/seed_1", "lr=0.1/seed_2"]),
        (("a/b/c/d/e/f/g/seed_1",), ["a/b/c/d/e/f/g/seed_1"]),
        (("train", "validation"), ["."]),
        (("train", "training_eval/task1"), ["."]),
        (("20261123/train", "20261123/validation", "20261124/train"), ["20261123", "20261124"]),
        ((".", "loss_train", "loss_test", "1795517011.5"), ["."]),
        ((".", "eval"), ["."]),
        (("train/seed_1", "train/seed_2"), ["train/seed_1", "train/seed_2"]),
        (("test_1", "test_2"), ["test_1", "test_2"]),
        (("version_0", "version_1"), ["version_0", "version_1"]),
        (("tfevents_run1",), ["tfevents_run1"]),
    ],
)
def test_layouts_of_other_programs(tmp_path: Path, made: tuple[str, ...], runs: list[str]):
    assert names(with_events(tmp_path, *made)) == runs


def test_a_tree_deeper_than_python_may_recurse_is_searched(tmp_path: Path):
    deep = [Folder(tmp_path, -1, False, ())]
    deep += [Folder(deep[0].path / f"{n}", n, False, ()) for n in range(5000)]
    deep.append(Folder(tmp_path / "run", len(deep) - 1, False, (tmp_path / "run" / EVENT_FILE,)))
    assert as_runs(deep) == [RunFolder(deep[-1].path, False, deep[-1].files)]


def test_unsearched_folders_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = with_events(tmp_path, "a/run", "b/run", f"c/{LOCKED}")
    found = runs_below(root)
    assert [run.path.parent.name for run in found.runs] == ["a", "b"]
    assert found.left_out == f"1 folder cannot be read and is left out: {root / 'c' / LOCKED}."
    few = search(root, most=3)
    assert not few.complete and len(few.folders) == 3
    monkeypatch.setattr("jem_tui.stream.runs.find_runs.search", lambda root: few)
    assert "Only the first" in runs_below(root).left_out


def test_the_files_of_a_folder_are_those_of_its_only_run(tmp_path: Path):
    root = with_events(tmp_path, "one")
    (root / "one" / "events.out.tfevents.9.x").symlink_to("nowhere")
    os.mkfifo(root / "one" / "events.out.tfevents.8.x")
    (root / "one" / "._events.out.tfevents.1.host").touch()
    assert run_files(root) == run_files(root / "one") == (root / "one" / EVENT_FILE,)
    with_events(tmp_path, "two", "three", "four", "five")
    with pytest.raises(InputError, match=r"holds 5 runs\. Choose one run: .*five.* and 2 more\."):
        run_files(root)
