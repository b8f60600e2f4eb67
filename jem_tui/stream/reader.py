"""Reading a recorded run, ours or any TensorBoard folder, into the list of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2

from jem_tui.errors import InputError, JemError
from jem_tui.events import Energies, Event, RunStarted, Samples
from jem_tui.stream import codec
from jem_tui.stream.checking import whole
from jem_tui.stream.foreign import ForeignLog, run_started
from jem_tui.stream.items import Deferred, Item, reach
from jem_tui.stream.rundir import RUN_FILE
from jem_tui.stream.tfevents import Damage, Record, read_records

_DEFERRED = ("Samples", "Energies")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded run: `RunStarted`, then everything else as it was told; steps decrease only where the run was rewound."""

    items: list[Item]
    damage: Damage
    foreign: bool
    """Whether another program wrote it."""
    kept_out: Mapping[str, int] = field(default_factory=dict)
    """Values that cannot be shown, by kind."""


def read_recording(logdir: Path) -> Recording:
    """The events of a folder's event files (also one level down), or of one file; InputError where there are none."""
    paths = _event_files(logdir)
    scan = _Scan()
    for path in paths:
        run = "" if path.parent == logdir or path == logdir else path.parent.name
        try:
            scan.read(path, run)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    items = scan.items or list(scan.foreign.items(logdir))
    if not items:
        _refuse(logdir, scan.damage)
    if not isinstance(items[0], RunStarted):  # its record was damaged
        items.insert(0, run_started(logdir, items))
    return Recording(items, scan.damage, not scan.items, scan.foreign.kept_out)


class NoEventsYetError(InputError):
    """A folder in which a run may begin any moment; whoever follows it waits."""


class _Scan:
    """Collects what the event files hold, our events and foreign ones apart."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.foreign = ForeignLog()
        self.damage = Damage()

    def read(self, path: Path, run: str) -> None:
        for record in read_records(path, self.damage):
            try:
                message = event_pb2.Event.FromString(record.payload)
                content = codec.body(message)
                if content is None:
                    self.foreign.add(run, message, partial(_payload, path, record.offset, len(record.payload)))
                else:
                    self._add(_item(path, record, message, content))
            except (DecodeError, *codec.DECODE_ERRORS):
                self.damage.skipped_records += 1

    def _add(self, item: Item) -> None:
        """A resumed run voids what an earlier attempt recorded after the step it goes on from.

        A run that went back stays as it was told; what was void when it stopped is before the step it goes on from.
        """
        if isinstance(item, RunStarted):
            del self.items[reach(self.items, item.step) if item.step else 0 :]
        self.items.append(item)


def _item(path: Path, record: Record, message: event_pb2.Event, content: dict[str, Any]) -> Item:
    if content["event"] not in _DEFERRED:
        return codec.decode(message, content)
    kind = Samples if content["event"] == "Samples" else Energies
    load = partial(_load, path, record.offset, len(record.payload))
    return Deferred(kind, whole(content["step"]), message.step, message.wall_time, load)


def _load(path: Path, offset: int, length: int) -> Event | None:
    message = event_pb2.Event.FromString(_payload(path, offset, length))
    try:
        content = codec.body(message)
        return None if content is None else codec.decode(message, content)
    except codec.DECODE_ERRORS:
        return None


def _payload(path: Path, offset: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    except OSError as error:
        raise JemError(f"{path} can no longer be read: {error.strerror}.", "Is the folder still there?") from error


def _event_files(logdir: Path) -> list[Path]:
    if logdir.is_file():
        return [logdir]
    if not logdir.is_dir():
        raise InputError(f"There is no folder {logdir}.", "Name the folder of a recorded run, such as one under runs/.")
    own = sorted(logdir.glob("*tfevents*"), key=_age)
    runs = sorted(path.parent.name for path in logdir.glob(f"*/{RUN_FILE}"))
    if not own and len(runs) > 1:
        raise InputError(f"{logdir} holds {len(runs)} runs.", f"Name one of them: {logdir / runs[-1]} is the last.")
    paths = own + sorted(logdir.glob("*/*tfevents*"), key=_age)
    if not paths:
        raise NoEventsYetError(f"{logdir} holds no TensorBoard event files.", "Name the folder of a recorded run.")
    return paths


def _age(path: Path) -> tuple[str, float, str]:
    """Order of writing: by the seconds in the name, then by the last change."""
    seconds = path.name.partition("tfevents.")[2].partition(".")[0]
    return seconds, path.stat().st_mtime, path.name


def _refuse(logdir: Path, damage: Damage) -> None:
    if damage or damage.truncated_files:
        kind = InputError if damage else NoEventsYetError
        raise kind(f"{logdir} is no TensorBoard event log that can be read.", "Was it copied completely?")
    raise NoEventsYetError(f"{logdir} holds no events yet.", "Try again once the run has made its first steps.")
