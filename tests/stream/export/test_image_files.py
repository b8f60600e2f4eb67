"""Exported images: each image as logged, one animation for each tag, and a sentence for each image with a flaw."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorboard.compat.proto import event_pb2

from jem_tui.cli.export import export
from jem_tui.stream.export.image_files import PictureFiles, write_pictures
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.tfevents.records import frame
from tests.examples import examples
from tests.stream.stream_events import record, samples, started, step_done, stopped

TAGS = st.text(min_size=1, max_size=100) | st.sampled_from(["a/b", "a:b", "A/B", "../up", "a_b", "a_b_2", "."])
SIZES = st.integers(1, 70)


def picture(width: int, height: int, mode: str, form: str) -> bytes:
    buffer = io.BytesIO()
    image = Image.new(mode, (width, height), 128)
    if mode == "P":
        # Pillow before 13 cannot read the BMP that it writes of an image without a palette
        image.putpalette([level for level in range(256) for _ in "rgb"])
    image.save(buffer, form)
    return buffer.getvalue()


PICTURES = st.builds(picture, SIZES, SIZES, st.sampled_from(["L", "RGB", "P"]), st.sampled_from(["PNG", "GIF", "BMP"]))
BROKEN = st.binary(max_size=20) | PICTURES.map(lambda encoded: encoded[: len(encoded) // 2])


def write_log(folder: Path, logged: list[tuple[str, int, bytes]]) -> Path:
    """Write pictures with tag and step, and one scalar, as another program does."""
    folder.mkdir(exist_ok=True)
    values = [{"tag": tag, "image": {"encoded_image_string": encoded}} for tag, _, encoded in logged]
    events = [
        event_pb2.Event(wall_time=1e9, step=step, summary={"value": [value]})
        for (_, step, _), value in zip(logged, values, strict=True)
    ]
    events += [event_pb2.Event(wall_time=1e9, step=1, summary={"value": [{"tag": "loss", "simple_value": 1.0}]})]
    start = event_pb2.Event(wall_time=1e9, file_version="brain.Event:2")
    path = folder / "events.out.tfevents.1.made"
    path.write_bytes(b"".join(frame(event.SerializeToString()) for event in (start, *events)))
    return folder


def exported(folder: Path, target: Path) -> PictureFiles:
    return write_pictures(target, read_recording(folder).entries)


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(TAGS, st.integers(0, 3), PICTURES), min_size=1, max_size=12))
def test_every_picture_is_copied_byte_for_byte_into_a_file_of_its_own(logged: list[tuple[str, int, bytes]]):
    with tempfile.TemporaryDirectory() as folder:
        log, target = write_log(Path(folder, "log"), logged), Path(folder, "out")
        written = exported(log, target)
        assert sorted(path.read_bytes() for path in written.pictures) == sorted(encoded for _, _, encoded in logged)
        assert len(set(written.pictures)) == len(logged)
        assert all(path.resolve().is_relative_to(target.resolve() / "samples") for path in written.pictures)
        assert len(written.animations) == len({tag for tag, _, _ in logged})
        assert written.flaws == []


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(PICTURES, min_size=1, max_size=8))
def test_pictures_of_any_sizes_and_colours_become_one_animation(encoded: list[bytes]):
    with tempfile.TemporaryDirectory() as folder:
        log = write_log(Path(folder, "log"), [("x", step, each) for step, each in enumerate(encoded)])
        (path,) = exported(log, Path(folder, "out")).animations
        with Image.open(path) as animation:
            assert 1 <= animation.n_frames <= len(encoded)  # equal neighbours are one frame


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(st.booleans(), PICTURES, BROKEN), min_size=1, max_size=8))
def test_pictures_that_cannot_be_read_are_named_and_the_others_written(logged: list[tuple[bool, bytes, bytes]]):
    with tempfile.TemporaryDirectory() as folder:
        chosen = [("x", step, good if whole else bad) for step, (whole, good, bad) in enumerate(logged)]
        written = exported(write_log(Path(folder, "log"), chosen), Path(folder, "out"))
        assert len(written.pictures) + len(written.flaws) == len(logged)
        assert len(written.pictures) >= sum(whole for whole, _, _ in logged)


def test_a_picture_too_large_to_be_drawn_is_copied_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    encoded = picture(5000, 4000, "L", "PNG")
    export(write_log(tmp_path / "log", [("big", 7, encoded)]), out=tmp_path / "out", only="samples")
    assert (tmp_path / "out" / "samples" / "step_0000007.png").read_bytes() == encoded
    assert "big at step 7: 5000×4000 pixels are too many to be drawn" in capsys.readouterr().err


def test_chains_whose_tiles_change_their_shape_are_animated_together(tmp_path: Path):
    shapes = [(4, 3, 1), (9, 9, 3), (30, 2, 1)]
    emitted = [started(), *(samples(n, shape=shape) for n, shape in enumerate(shapes, 1)), step_done(4), stopped(4)]
    written = exported(record(tmp_path / "run", emitted), tmp_path / "out")
    assert len(written.pictures) == 3 and written.animations == [tmp_path / "out" / "samples.gif"]


@pytest.mark.slow
def test_many_large_pictures_are_exported_in_bounded_memory(tmp_path: Path):
    encoded = picture(4096, 4096, "RGB", "PNG")
    log = write_log(tmp_path / "log", [("x", step, encoded) for step in range(12)])
    command = [sys.executable, "-m", "jem_tui", "export", "--only", "samples", "--out", str(tmp_path / "out"), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, preexec_fn=limit_memory)
    assert done.returncode == 0, done.stderr
    assert "12 images" in done.stdout


def limit_memory() -> None:
    """Allow 900 MiB: an export takes half of this limit, and the pixels of twelve large pictures take 576 MiB."""
    resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))


def test_an_export_holds_no_more_than_what_is_drawn(tmp_path: Path):
    random = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 255, (900, 1200, 3), dtype=np.uint8)).save(buffer, "PNG")
    written = exported(write_log(tmp_path / "log", [("x", 1, buffer.getvalue())]), tmp_path / "out")
    with Image.open(written.animations[0]) as animation:
        assert max(animation.size) <= 512
