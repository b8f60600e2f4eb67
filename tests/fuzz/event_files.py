"""Event files under the fuzzer: read as a replay and an export do, and shown as the screen's state has them."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.errors import InputError
from jem_tui.stream.export.scalar_tables import lines
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.block_reader import BlockReader
from jem_tui.stream.tfevents.records import Damage, frame
from jem_tui.tui.state.run_state import RunState
from tests.fuzz.text_files import outcome
from tests.stream.event_file_records import read_records

STREAM_TESTS = Path(__file__).parents[1] / "stream"
PLUGINS = ("scalars", "images", "text", "histograms", "hparams", "")
TAGS = ("a", "JEM/x_hat", "loss/Δnrg", "loss/total")


def unchanged(data: bytes) -> bytes:
    """Return the bytes themselves."""
    return data


def framed(data: bytes) -> bytes:
    """Return payloads with two bytes of length before each, framed with checksums that agree."""
    return b"".join(map(frame, pieces(data)))


def foreign(data: bytes) -> bytes:
    """Return values of another program: a byte each for tag, plugin and step, then a value as a protobuf."""
    found = []
    for piece in pieces(data):
        if len(piece) < 4:
            continue
        value = summary_pb2.Summary.Value()
        try:
            value.MergeFromString(piece[3:])
        except DecodeError:
            continue
        value.tag = TAGS[piece[0] % len(TAGS)]
        value.metadata.plugin_data.plugin_name = PLUGINS[piece[1] % len(PLUGINS)]
        message = event_pb2.Event(wall_time=float(piece[2]), step=piece[2])
        message.summary.value.append(value)
        found.append(frame(message.SerializeToString()))
    return b"".join(found)


def ours(data: bytes) -> bytes:
    """Return lines of JSON as bodies of our events."""
    found = []
    for number, line in enumerate(data.split(b"\n")):
        value = summary_pb2.Summary.Value(tag=codec.EVENT_TAG)
        value.tensor.string_val.append(line)
        rest = [summary_pb2.Summary.Value(tag="JEM/total", simple_value=1.0)]
        message = event_pb2.Event(wall_time=1000.0 + number, step=number, summary={"value": [value, *rest]})
        found.append(frame(message.SerializeToString()))
    return b"".join(found)


def pieces(data: bytes) -> list[bytes]:
    """Return byte strings with two bytes of length before each."""
    found = []
    while data:
        size = int.from_bytes(data[:2], "little")
        found.append(data[2 : 2 + size])
        data = data[2 + size :]
    return found


def joined(parts: list[bytes]) -> bytes:
    """Return the inverse of `pieces`."""
    return b"".join(len(part).to_bytes(2, "little") + part for part in parts if len(part) < 1 << 16)


WAYS = (unchanged, framed, foreign, ours)


class EventFiles:
    """A folder with one event file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "events.out.tfevents.1.fuzz"

    def read(self, data: bytes) -> str:
        """Read the file twice with equal results, then build, export and display its content."""
        if not data:
            return ""
        self._path.write_bytes(WAYS[data[0] % len(WAYS)](data[1:]))
        self._check_readers_agree()
        try:
            recording = read_recording(self._folder)
        except InputError as error:
            return outcome(error)
        timeline = build_timeline(recording, self._folder, complete=True)
        state = RunState()
        state.apply(timeline.started)
        for event in (*resolve(timeline.others), *timeline.emit(0, len(timeline))):
            state.apply(event)
        timeline.clock(2.0)
        timeline.position_after(timeline.last_step)
        lines(recording.points, 0.9)
        return " ".join(sorted({type(event).__name__ for event in resolve(timeline.others)}))

    def _check_readers_agree(self) -> None:
        found, by_block = Damage(), Damage()
        one_by_one = sum(1 for _ in read_records(self._path, found))
        chunks = [
            (len(chunk.records), *(len(t.offsets) for t in chunk.blocks))
            for chunk in BlockReader().read(self._path, by_block)
        ]
        assert (one_by_one, found) == (sum(map(sum, chunks)), by_block)

    def seeds(self) -> list[bytes]:
        """Return files of other writers, and runs of ours, in every form."""
        from tests.stream.stream_events import record, rewound_run, small_run

        own = [record(self._folder / name, run) for name, run in (("run", small_run()), ("back", rewound_run()))]
        files = [*(STREAM_TESTS / "written_by").rglob("*tfevents*"), *(next(f.glob("*tfevents*")) for f in own)]
        return [seed for path in files for seed in _forms(path)]


def _forms(path: Path) -> list[bytes]:
    payloads = [record.payload for record in read_records(path, Damage())]
    events = [event_pb2.Event.FromString(payload) for payload in payloads]
    values = [(event, value) for event in events for value in event.summary.value]
    bodies = [bytes(value.tensor.string_val[0]) for _, value in values if value.tag == codec.EVENT_TAG]
    plugins = [value.metadata.plugin_data.plugin_name for _, value in values]
    places = [PLUGINS.index(plugin) if plugin in PLUGINS else 0 for plugin in plugins]
    parts = [
        bytes([0, place, event.step % 256]) + value.SerializeToString()
        for (event, value), place in zip(values, places, strict=True)
    ]
    return [b"\0" + path.read_bytes(), b"\1" + joined(payloads), b"\2" + joined(parts), b"\3" + b"\n".join(bodies)]
