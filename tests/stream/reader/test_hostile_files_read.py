"""A run folder from a stranger: wrong values, huge pictures, and texts that would steer the terminal."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.errors import InputError
from jem_tui.events.recording import Picture
from jem_tui.events.run import Diverged, Note
from jem_tui.stream.export.plot_pages import write_plots
from jem_tui.stream.export.scalar_tables import lines
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.tfevents import codec, records, resync
from jem_tui.stream.tfevents.png_grid import MAX_PIXELS, decode_grid, decode_picture
from jem_tui.stream.tfevents.records import EventFileWriter, frame
from tests.examples import examples
from tests.stream.event_file_records import read_records
from tests.stream.stream_events import (
    evaluated,
    rank_states,
    record,
    rewound_run,
    small_run,
    started,
    step_done,
    stopped,
    timeline_of,
)

STEERING = "a\x1b[2J\x1b]0;title\x07b\u202e\x9b"
BODIES = [codec._body_of(event) for event in (*small_run(5), rank_states(5), *rewound_run())]
WEIRD = st.sampled_from(
    [None, True, -1, 0, 2**31, 2**63, -(2**70), 10**400, 1e308, "NaN", "Infinity", "", "x", [], {}, [1], [[]], {"a": 1}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Yield the path of every value in nested lists and dicts."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [path, *(found for key, entry in inner for found in places(entry, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    pairs = [(key, changed(entry, path[1:], new) if key == path[0] else entry) for key, entry in entries]
    return dict(pairs) if isinstance(value, dict) else [entry for _, entry in pairs]


@settings(deadline=None, max_examples=examples(100))
@given(st.data())
def test_events_with_wrong_values_are_skipped_or_refused_in_a_sentence(data: st.DataObject):
    body = data.draw(st.sampled_from(BODIES))
    for _ in range(data.draw(st.integers(1, 3))):
        body = changed(body, data.draw(st.sampled_from(places(body))), data.draw(WEIRD))
    value = codec._string_value(codec.EVENT_TAG, "jem_tui", json.dumps(body))
    message = event_pb2.Event(wall_time=1.0, step=1, summary=summary_pb2.Summary(value=[value]))
    around = [codec.encode(event) for event in (started(), step_done(1), stopped(1))]
    emitted = [around[0], message, *around[1:]] if data.draw(st.booleans()) else [message]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "events.out.tfevents.1.x").write_bytes(b"".join(frame(m.SerializeToString()) for m in emitted))
        try:
            recording = read_recording(Path(folder))
            timeline = build_timeline(recording, Path(folder), complete=True)
        except InputError as error:
            assert str(error)
            return
        assert list(resolve(timeline.others)) is not None
        assert list(timeline.emit(0, len(timeline))) is not None
        timeline.position_after(timeline.last_step)
        timeline.clock(2.0)
        lines(recording.points, 0.9)


def huge_png(width: int, height: int) -> bytes:
    """Make a small image file whose header declares a huge size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(MAX_PIXELS + 1, 1), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_pictures_are_bounded_before_they_are_unpacked(size: tuple[int, int]):
    with pytest.raises(ValueError):
        decode_picture(huge_png(*size))


@pytest.mark.parametrize("shape", [(10**6, 10**6, 1, 1), (2**62, 2**62, 3, 3), (-1, 2, 2, 1), (1, 10**400, 1, 1)])
def test_a_grid_that_is_not_as_large_as_it_says_is_refused(shape: tuple[int, int, int, int]):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(buffer, "PNG")
    with pytest.raises(codec.DECODE_ERRORS):
        decode_grid(buffer.getvalue(), shape)


@pytest.mark.parametrize(
    "content", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"/* XPM */", b"P6 2 2 255 " + bytes(12)]
)
def test_only_a_few_kinds_of_pictures_are_tried(content: bytes):
    with pytest.raises((ValueError, OSError)):
        decode_picture(content)


def test_the_first_frame_of_an_animation_is_shown():
    frames = [Image.fromarray(np.full((4, 6), level, np.uint8)) for level in (10, 200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    shown = decode_picture(buffer.getvalue())
    assert shown.shape[:2] == (4, 6) and (shown == 10).all()


def test_a_length_that_the_file_does_not_have_is_never_allocated(tmp_path: Path):
    from jem_tui.stream.tfevents.records import _HEADER, _LENGTH, masked_checksum

    run_dir = record(tmp_path / "run", small_run(3))
    (path,) = run_dir.glob("*tfevents*")
    length = 1 << 40
    head = _HEADER.pack(length, masked_checksum(_LENGTH.pack(length)))
    path.write_bytes(path.read_bytes() + head + bytes(100))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from jem_tui.stream.reader.log_cache import read_recording\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "print(len(read_recording(Path(sys.argv[1])).entries))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(run_dir)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == str(len(small_run(3))), done.stderr


def test_a_record_of_absurd_length_is_taken_for_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "events"
    path.write_bytes(frame(b"a" * 99) + frame(b"b" * 101) + frame(b"c"))
    monkeypatch.setattr(resync, "MOST_BYTES", 100)
    damage = records.Damage()
    assert [found.payload[:1] for found in read_records(path, damage)] == [b"a", b"c"]
    assert damage == records.Damage(gaps=1)


def steering_run(folder: Path) -> Path:
    note = Note(step=1, images=64, time=1001.0, text=STEERING)
    why = Diverged(step=2, images=128, time=1002.0, why=STEERING, numbers={STEERING: 1.0})
    start = started(class_names=(STEERING, "1"), device=STEERING, config={STEERING: STEERING})
    step = step_done(1, metrics={STEERING: 0.5, "JEM/total": 1.0})
    end = stopped(2, reason="failed", error=STEERING)
    return record(folder, [start, step, note, evaluated(1), step_done(2), why, end])


def test_no_text_of_a_recording_reaches_the_screen_with_control_characters(tmp_path: Path):
    timeline = timeline_of(steering_run(tmp_path / STEERING.replace("/", "")))
    emitted = [timeline.started, *timeline.emit(0, len(timeline)), *timeline.marks]
    shown = " ".join(map(str, emitted)) + " ".join(timeline.points())
    assert "\\\\x1b[2J" in repr(shown) and r"\x1b[2J" in shown
    raw = [character for event in emitted for character in texts(event) if not character.isprintable()]
    assert raw == []


def texts(value: Any) -> str:
    """Return all strings in nested values."""
    if isinstance(value, str):
        return value
    if hasattr(value, "items"):
        return "".join(texts(key) + texts(entry) for key, entry in value.items())
    if isinstance(value, list | tuple | frozenset):
        return "".join(map(texts, value))
    if hasattr(value, "__dataclass_fields__"):
        return "".join(texts(getattr(value, name)) for name in value.__dataclass_fields__)
    return ""


@pytest.mark.parametrize(
    "words", [("replay", "--once"), ("export", "--only", "csv"), ("runs",), ("train", "--resume"), ("eval",)]
)
def test_printed_text_cannot_control_the_terminal(tmp_path: Path, words: tuple[str, ...]):
    run_dir = steering_run(tmp_path / STEERING)
    twice = [run_dir] if words[0] == "replay" else []  # names are printed where there are several
    command = [sys.executable, "-m", "jem_tui", *words, str(run_dir), *map(str, twice)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    found = (done.stdout + done.stderr).decode()
    assert r"\x1b[2J" in found.replace("\n", "")  # long paths are wrapped
    assert not [character for character in found if not character.isprintable() and character != "\n"]


def test_names_of_files_and_tags_with_signs_of_formulas_can_be_plotted(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), step_done(1, metrics={"loss$^$": 1.0, "a_{$": 2.0}), stopped(1)])
    write_plots(tmp_path / "plots.png", lines(read_recording(run_dir).points, 0.0), "a$^$b")
    assert (tmp_path / "plots.png").stat().st_size > 0


def test_pictures_of_a_stranger_that_are_too_large_are_named_instead_of_unpacked(tmp_path: Path):
    value = summary_pb2.Summary.Value(tag="x", image={"encoded_image_string": huge_png(30_000, 30_000)})
    writer = EventFileWriter(tmp_path)
    writer.append(event_pb2.Event(wall_time=1.0, step=1, summary={"value": [value]}))
    writer.append(event_pb2.Event(wall_time=1.0, step=1, summary={"value": [{"tag": "loss", "simple_value": 1.0}]}))
    writer.close()
    timeline = timeline_of(tmp_path)
    (shown,) = [event for event in resolve(timeline.others) if isinstance(event, Picture)]
    assert not shown.tiles.size and "too many to be drawn" in shown.flaw
