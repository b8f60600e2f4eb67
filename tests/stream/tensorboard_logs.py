"""Logs of other programs, described record by record, made by hypothesis and written to files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2

from jem_tui.printable import printable
from jem_tui.stream.tfevents.records import frame


@dataclass(frozen=True)
class Point:
    tag: str
    step: int
    time: float
    value: float


@dataclass(frozen=True)
class Start:
    """The start of a session."""

    step: int
    time: float


@dataclass(frozen=True)
class File:
    """An event file: the time of its version record, and what follows."""

    run: str
    time: float
    records: list[Point | Start]
    tensors: frozenset[str] = field(default_factory=frozenset)
    """Tags that are written as tensors."""

    @property
    def times(self) -> list[float]:
        return [self.time, *(record.time for record in self.records)]


def content(file: File) -> list[bytes]:
    """Return the frames of a file."""
    version = event_pb2.Event(wall_time=file.time, file_version="brain.Event:2")
    return [frame(message.SerializeToString()) for message in (version, *(_message(r, file) for r in file.records))]


def _message(record: Point | Start, file: File) -> event_pb2.Event:
    message = event_pb2.Event(wall_time=record.time, step=record.step)
    if isinstance(record, Start):
        message.session_log.status = event_pb2.SessionLog.START
    elif record.tag in file.tensors:
        value = message.summary.value.add(tag=record.tag)
        value.metadata.plugin_data.plugin_name = "scalars"
        value.tensor.dtype = types_pb2.DT_FLOAT
        value.tensor.float_val.append(record.value)
    else:
        message.summary.value.append(summary_pb2.Summary.Value(tag=record.tag, simple_value=record.value))
    return message


def write(root: Path, files: list[File]) -> list[Path]:
    """Write files whose names are in the order of the list."""
    paths = [place(root, file, number) for number, file in enumerate(files)]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(b"".join(content(file)))
    return paths


def place(root: Path, file: File, number: int) -> Path:
    """Return the path of a file; its folder is made."""
    folder = root / file.run
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"events.out.tfevents.{1_700_000_000 + number // 2}.host.7.{number}"


STEPS = st.one_of(st.integers(-2, 12), st.sampled_from([0, 0, 1, 127, 128, 300, 2**40, -(2**63), 2**62]))
TIMES = st.one_of(
    st.integers(0, 40).map(float), st.sampled_from([-1.0, 1.7e18, 1e300, float("inf"), float("nan"), -1e9])
)
VALUES = st.floats(width=32)
TAGS = st.lists(
    st.one_of(st.sampled_from(["a", "loss", "val/acc", "train/loss"]), st.text(min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
    unique_by=printable,
)


@st.composite
def logs(
    draw: st.DrawFn, *, most_files: int, starts: bool, tensors: bool, runs: tuple[str, ...] = ("", "sub")
) -> list[File]:
    """Return the files of a log, in the order of writing."""
    tags = draw(TAGS)
    as_tensors = frozenset(draw(st.sets(st.sampled_from(tags)))) if tensors else frozenset()
    record: st.SearchStrategy[Point | Start] = st.builds(Point, st.sampled_from(tags), STEPS, TIMES, VALUES)
    if starts:
        record = st.one_of(record, record, record, st.builds(Start, STEPS, TIMES))
    file = st.builds(File, st.sampled_from(runs), TIMES, st.lists(record, max_size=25), st.just(as_tensors))
    return draw(st.lists(file, min_size=1, max_size=most_files))
