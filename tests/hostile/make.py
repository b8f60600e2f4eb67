"""Event files that are made to take far more memory than they have bytes: `python tests/hostile/make.py FOLDER [KIND...]`."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import google_crc32c
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2

from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame, masked_checksum

MANY = int(os.environ.get("HOSTILE_RECORDS", 300_000))
"""Records of the kinds that have too many."""
NAME = "events.out.tfevents.1700000000.host.1.0"
HEAD = frame(event_pb2.Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())


def event(step: int, *values: summary_pb2.Summary.Value) -> bytes:
    summary = summary_pb2.Summary(value=values)
    return frame(event_pb2.Event(wall_time=1e9 + step, step=step, summary=summary).SerializeToString())


def scalar(tag: str, step: int = 0) -> bytes:
    return event(step, summary_pb2.Summary.Value(tag=tag, simple_value=0.5))


def tensor(tag: str, plugin: str, *strings: bytes) -> summary_pb2.Summary.Value:
    value = summary_pb2.Summary.Value(tag=tag)
    value.metadata.plugin_data.plugin_name = plugin
    value.tensor.dtype = types_pb2.DT_STRING
    value.tensor.string_val.extend(strings)
    return value


def ours(name: str, step: int, **fields: Any) -> bytes:
    """Return an event that claims to be of this program."""
    body = {"event": name, "step": step, **fields}
    return event(step, tensor(codec.EVENT_TAG, "jem_tui", json.dumps(body, separators=(",", ":")).encode()))


def start() -> bytes:
    fields: dict[str, Any] = {"config": {}, "device": "cpu", "seed": 0, "parameters": 1, "tile_shape": [2, 2, 1]}
    more = {"class_names": [], "total_steps": 9, "steps_per_epoch": 3, "run_dir": "", "activity": "", "abilities": []}
    return ours("RunStarted", 0, **fields, **more)


def zeros(path: Path) -> None:
    """Write forty records of 256 MB of zeros, as holes of a sparse file, whose checksums agree."""
    length = 1 << 28
    checksum = 0
    for _ in range(length >> 20):
        checksum = google_crc32c.extend(checksum, bytes(1 << 20))
    masked = ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
    size = struct.pack("<Q", length)
    with path.open("wb") as file:
        file.write(HEAD + scalar("loss"))
        for _ in range(40):
            file.write(size + struct.pack("<I", masked_checksum(size)))
            file.seek(length, io.SEEK_CUR)
            file.write(struct.pack("<I", masked))
        file.write(scalar("loss", 1))


def long_tags(path: Path) -> None:
    write(path, (scalar(letter * 25_000_000, step) for step in range(4) for letter in "ab"))


def control_characters(path: Path) -> None:
    write(path, (event(step, tensor("t", "text", b"\x1b" * 25_000_000)) for step in range(4)))


def long_json(path: Path) -> None:
    numbers = [0] * 14_000_000
    samples = ours("Samples", 1, tiles=[1, 2, 2, 1], energy=numbers, reseeds=numbers)
    write(path, [start(), samples, ours("Note", 2, text="\x07" * 4_000_000)])


def pictures(path: Path) -> None:
    """Write three hundred pictures of 4096 by 4096 pixels, each a few kilobytes."""
    encoded = flat_png(4096)
    value = summary_pb2.Summary.Value(tag="x", image={"height": 4096, "width": 4096, "encoded_image_string": encoded})
    write(path, (event(step, value) for step in range(300)))


def notes(path: Path) -> None:
    write(path, [start(), *(ours("Note", step, text=f"note {step}", path="") for step in range(MANY))])


def texts(path: Path) -> None:
    write(path, (event(step, tensor(f"text {step % 7}", "text", b"word " * 20)) for step in range(MANY)))


def tags(path: Path) -> None:
    write(path, (scalar(f"tag/{number}") for number in range(MANY)))


def own_tags(path: Path) -> None:
    def steps() -> Iterator[bytes]:
        yield start()
        head = tensor(codec.EVENT_TAG, "jem_tui", b"")
        for step in range(1, 60_001):
            head.tensor.string_val[0] = b'{"event":"StepDone","step":%d,"epoch":0}' % step
            yield event(step, head, summary_pb2.Summary.Value(tag=f"tag/{step}", simple_value=1.0))

    write(path, steps())


def many_values(path: Path) -> None:
    """Write records of millions of empty values, each of which protobuf gives a hundred bytes."""
    summary = b"\x0a\x00" * 15_000_000
    payload = b"\x2a" + varint(len(summary)) + summary
    write(path, [scalar("loss"), *[frame(payload)] * 3])


def many_dimensions(path: Path) -> None:
    """Write tensors with a shape of millions of dimensions."""
    shape = b"\x12\x00" * 10_000_000
    dims = b"\x12" + varint(len(shape)) + shape
    content = b"\x0a\x01t\x42" + varint(len(dims)) + dims
    value = b"\x0a" + varint(len(content)) + content
    write(path, [scalar("loss"), *[frame(b"\x2a" + varint(len(value)) + value)] * 3])


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def flat_png(side: int) -> bytes:
    """Return a picture of one gray."""
    buffer = io.BytesIO()
    Image.new("L", (side, side), 7).save(buffer, "PNG")
    return buffer.getvalue()


def write(path: Path, records: Iterator[bytes] | list[bytes]) -> None:
    with path.open("wb") as file:
        file.write(HEAD)
        file.writelines(records)


KINDS: dict[str, Callable[[Path], None]] = {
    make.__name__: make
    for make in (
        zeros,
        long_tags,
        control_characters,
        long_json,
        pictures,
        notes,
        texts,
        tags,
        own_tags,
        many_values,
        many_dimensions,
    )
}


def make(kind: str, folder: Path) -> Path:
    """Make a log of one kind in a folder of its name."""
    (folder / kind).mkdir(parents=True)
    KINDS[kind](folder / kind / NAME)
    return folder / kind


if __name__ == "__main__":
    for name in sys.argv[2:] or KINDS:
        print(make(name, Path(sys.argv[1])))
