"""A coverage-guided fuzzer of the reader, run by hand: `python tests/fuzz/fuzz_reader.py [MINUTES]` with atheris installed.

What it is given becomes an event file in one of four ways: as it is; cut into payloads that are framed with checksums that
agree; as values of a foreign log; as the JSON of events that claim to be ours. The file must be read or refused in a sentence.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "stream")]

with atheris.instrument_imports(include=["jem_tui"]):
    from tensorboard.compat.proto import event_pb2, summary_pb2

    from jem_tui.errors import InputError
    from jem_tui.stream import codec
    from jem_tui.stream.index import read_recording
    from jem_tui.stream.items import resolve
    from jem_tui.stream.layout import lay_out
    from jem_tui.stream.scan import Scanner
    from jem_tui.stream.tables import lines
    from jem_tui.stream.tfevents import Damage, frame, read_records

PLUGINS = ("scalars", "images", "text", "histograms", "hparams", "")
FOLDER = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))  # noqa: PTH112


def as_it_is(data: bytes) -> bytes:
    return data


def framed(data: bytes) -> bytes:
    """Payloads with two bytes of length before each."""
    found = []
    while data:
        size = int.from_bytes(data[:2], "little")
        found.append(frame(data[2 : 2 + size]))
        data = data[2 + size :]
    return b"".join(found)


def foreign(data: bytes) -> bytes:
    """Summary values, as the fuzzer writes protobufs, in events of steps and plugins that it chooses."""
    fuzz = atheris.FuzzedDataProvider(data)
    found = []
    while fuzz.remaining_bytes() > 4:
        value = summary_pb2.Summary.Value()
        try:
            value.MergeFromString(fuzz.ConsumeBytes(fuzz.ConsumeIntInRange(0, 400)))
        except Exception:  # whatever protobuf says of bytes that are no message
            continue
        value.tag = fuzz.PickValueInList(["a", "JEM/x_hat", "loss/Δnrg", "loss/total"])
        value.metadata.plugin_data.plugin_name = fuzz.PickValueInList(list(PLUGINS))
        message = event_pb2.Event(wall_time=fuzz.ConsumeFloat(), step=fuzz.ConsumeInt(8))
        message.summary.value.append(value)
        found.append(frame(message.SerializeToString()))
    return b"".join(found)


def ours(data: bytes) -> bytes:
    """Lines of JSON as bodies of our events."""
    found = []
    for number, line in enumerate(data.split(b"\n")):
        value = summary_pb2.Summary.Value(tag=codec.EVENT_TAG)
        value.tensor.string_val.append(line)
        rest = [summary_pb2.Summary.Value(tag="JEM/total", simple_value=1.0)]
        message = event_pb2.Event(wall_time=1000.0 + number, step=number, summary={"value": [value, *rest]})
        found.append(frame(message.SerializeToString()))
    return b"".join(found)


WAYS = (as_it_is, framed, foreign, ours)


def read(data: bytes) -> None:
    """Everything that a replay and an export do with a file."""
    if not data:
        return
    path = FOLDER / "events.out.tfevents.1.fuzz"
    path.write_bytes(WAYS[data[0] % len(WAYS)](data[1:]))
    found, by_block = Damage(), Damage()
    one_by_one = sum(1 for _ in read_records(path, found))
    chunks = [(len(chunk.records), *(len(t.offsets) for t in chunk.tables)) for chunk in Scanner().read(path, by_block)]
    assert (one_by_one, found) == (sum(map(sum, chunks)), by_block)
    try:
        recording = read_recording(FOLDER)
    except InputError as error:
        assert str(error)
        return
    timeline = lay_out(recording, FOLDER, complete=True)
    for event in (*resolve(timeline.others), *timeline.tell(0, len(timeline))):
        assert event.time is not None
    timeline.clock(2.0)
    timeline.reach(timeline.last_step)
    lines(recording.points, 0.9)


def seeds(folder: Path) -> None:
    """Files of other writers, and a run of ours, in every form."""
    from stream_events import record, rewound_run, small_run

    own = [record(folder.parent / name, run) for name, run in (("run", small_run()), ("back", rewound_run()))]
    files = [
        *(ROOT / "tests" / "stream" / "written_by").rglob("*tfevents*"),
        *(next(f.glob("*tfevents*")) for f in own),
    ]
    for number, path in enumerate(files):
        (folder / f"{number}-raw").write_bytes(b"\0" + path.read_bytes())
        payloads = [record.payload for record in read_records(path, Damage())]
        cut = b"".join(len(payload).to_bytes(2, "little") + payload for payload in payloads if len(payload) < 1 << 16)
        (folder / f"{number}-framed").write_bytes(b"\1" + cut)
        bodies = [
            bytes(event.summary.value[0].tensor.string_val[0])
            for event in map(event_pb2.Event.FromString, payloads)
            if event.summary.value and event.summary.value[0].tag == codec.EVENT_TAG
        ]
        (folder / f"{number}-ours").write_bytes(b"\3" + b"\n".join(bodies))


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    corpus = Path(tempfile.mkdtemp()) / "corpus"
    corpus.mkdir()
    seeds(corpus)
    options = [f"-max_total_time={minutes * 60:.0f}", "-timeout=20", "-rss_limit_mb=3000", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
