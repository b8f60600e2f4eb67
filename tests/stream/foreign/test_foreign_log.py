"""TensorBoard folders that other programs wrote."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2

from jem_tui.events.commands import Seek, ShowPictures
from jem_tui.events.recording import Picture, RecordingInfo
from jem_tui.events.run import Note, RunStarted, Samples, StepDone
from jem_tui.stream.replay.replayer import Replayer, read_events
from jem_tui.stream.tfevents.png_grid import decode_picture
from jem_tui.stream.tfevents.records import EventFileWriter
from tests.stream.stream_events import timeline_of

Value = summary_pb2.Summary.Value


def write(folder: Path, *entries: tuple[int, Value]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    writer = EventFileWriter(folder)
    for time, (step, value) in enumerate(entries, start=1000):
        writer.append(event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=[value])))
    writer.close()
    return folder


def scalar(tag: str, number: float) -> Value:
    return Value(tag=tag, simple_value=number)


def tensor(tag: str, plugin: str, **content: Any) -> Value:
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin))
    return Value(tag=tag, metadata=metadata, tensor=tensor_pb2.TensorProto(**content))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)


def steps(folder: Path) -> list[tuple[int, int, dict[str, float]]]:
    return [(e.step, e.images, dict(e.metrics)) for e in read_events(folder) if isinstance(e, StepDone)]


def test_scalars_of_a_step_become_one_step(tmp_path: Path):
    entries = [(s, scalar(t, s + v)) for s in (10, 20) for t, v in (("loss", 0.5), ("rate", 0.25))]
    folder = write(tmp_path / "log", *entries)
    assert steps(folder) == [(1, 10, {"loss": 10.5, "rate": 10.25}), (2, 20, {"loss": 20.5, "rate": 20.25})]
    start = next(read_events(folder))
    assert isinstance(start, RunStarted)
    assert (start.total_steps, start.run_dir, start.time) == (2, str(folder), 1001.0)


def test_values_at_the_same_step_are_all_kept(tmp_path: Path):
    folder = write(tmp_path / "log", (0, scalar("loss", 1.0)), (0, scalar("loss", 2.0)))
    assert steps(folder) == [(1, 0, {"loss": 1.0}), (2, 0, {"loss": 2.0})]


def test_a_restarted_curve_has_no_zigzag(tmp_path: Path):
    folder = write(tmp_path / "log", *((step, scalar("loss", 1.0)) for step in (1, 2, 3)))
    write(folder, *((step, scalar("loss", 2.0)) for step in (2, 3, 4)))
    values = {images: metrics["loss"] for _, images, metrics in steps(folder)}
    assert list(values) == [1, 2, 3, 4]
    assert values[3] == values[4] == 2.0
    (note,) = [event for event in read_events(folder) if isinstance(event, Note)]
    assert note.images == 2 and "returns to step 2" in note.text


@pytest.mark.parametrize(
    "content",
    [
        {"dtype": types_pb2.DT_FLOAT, "float_val": [0.5]},
        {"dtype": types_pb2.DT_DOUBLE, "double_val": [0.5]},
        {"dtype": types_pb2.DT_FLOAT, "tensor_content": np.float32(0.5).tobytes()},
        {"dtype": types_pb2.DT_HALF, "tensor_content": np.float16(0.5).tobytes()},
    ],
)
def test_scalars_may_be_tensors_whose_plugin_is_named_once(tmp_path: Path, content: dict[str, Any]):
    later = tensor("loss", "", **content)
    later.ClearField("metadata")
    folder = write(tmp_path / "log", (1, tensor("loss", "scalars", **content)), (2, later))
    assert steps(folder) == [(1, 1, {"loss": 0.5}), (2, 2, {"loss": 0.5})]


def test_subfolders_are_distinguished(tmp_path: Path):
    write(tmp_path / "train", (1, scalar("loss", 1.0)))
    write(tmp_path / "test", (1, scalar("loss", 2.0)))
    assert steps(tmp_path) == [(1, 1, {"test/loss": 2.0, "train/loss": 1.0})]


@pytest.mark.parametrize("form", ["image", "tensor"])
def test_pictures_become_samples_of_one_tile_at_their_step(tmp_path: Path, form: str):
    encoded = png(PICTURE)
    value = Value(tag="grid", image=summary_pb2.Summary.Image(height=4, width=5, encoded_image_string=encoded))
    if form == "tensor":
        value = tensor("grid", "images", dtype=types_pb2.DT_STRING, string_val=[b"5", b"4", encoded])
    folder = write(tmp_path / "log", (10, scalar("loss", 1.0)), (10, value), (20, scalar("loss", 2.0)))
    start, _, shown, _ = read_events(folder)
    assert isinstance(start, RunStarted) and start.tile_shape == (4, 5, 3)
    assert isinstance(shown, Samples) and (shown.step, shown.images) == (1, 10)
    assert np.array_equal(shown.tiles, PICTURE[None])
    assert np.isnan(shown.energy).all()


def test_the_samples_of_the_original_project_come_before_other_pictures(tmp_path: Path):
    def picture(tag: str, gray: int) -> Value:
        return Value(tag=tag, image={"encoded_image_string": png(np.full((2, 2), gray, dtype=np.uint8))})

    folder = write(tmp_path / "log", (1, picture("a", 1)), (1, picture("JEM/x_hat", 2)))
    timeline = timeline_of(folder)
    assert timeline.pictures == ("JEM/x_hat", "a")
    for tag, gray in (("JEM/x_hat", 2), ("a", 1)):
        shown = [e for e in timeline.emit(0, len(timeline), tag) if isinstance(e, Picture)]
        assert [(e.tag, int(e.tiles[0, 0, 0, 0])) for e in shown] == [(tag, gray)]


def test_a_replay_shows_the_images_of_the_requested_tag(tmp_path: Path):
    def picture(tag: str, gray: int) -> Value:
        return Value(tag=tag, image={"encoded_image_string": png(np.full((2, 2), gray, dtype=np.uint8))})

    replayer = Replayer(write(tmp_path / "log", (1, picture("a", 1)), (2, picture("b", 2)), (3, picture("a", 3))))
    first = [e for e in replayer.apply(Seek(step=99)) if isinstance(e, Picture)]
    other = list(replayer.apply(ShowPictures(tag="b")))
    assert [(e.tag, e.images) for e in first] == [("a", 3)]
    assert [(e.tag, e.images) for e in other if isinstance(e, Picture)] == [("b", 2)]
    assert [e.picture for e in other if isinstance(e, RecordingInfo)] == ["b"]
    assert list(replayer.apply(ShowPictures(tag="unknown"))) == []


def test_pictures_too_large_or_broken_say_so_instead_of_vanishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jem_tui.stream.tfevents.png_grid.MAX_PIXELS", 10)
    large = Value(tag="x", image={"encoded_image_string": png(PICTURE)})
    broken = Value(tag="x", image={"encoded_image_string": b"no picture"})
    folder = write(tmp_path / "log", (1, scalar("loss", 1.0)), (1, large), (2, broken))
    pictures = [e for e in read_events(folder) if isinstance(e, Picture)]
    assert [e.flaw for e in pictures] == ["5×4 pixels are too many to be drawn", "it cannot be decoded"]
    assert not any(len(e.tiles) for e in pictures)


@pytest.mark.parametrize(
    ("logged", "drawn"),
    [
        (np.array([[0, 257, 65535]], np.uint16), [[0, 1, 255]]),
        (np.array([[[10, 0], [10, 255]]], np.uint8), [[255, 10]]),
        (np.array([[[9, 9, 9, 0], [9, 9, 9, 255]]], np.uint8), [[255, 9]]),
    ],
)
def test_pictures_of_sixteen_bits_and_with_transparency_are_drawn_as_they_look(logged: np.ndarray, drawn: list):
    assert decode_picture(png(logged))[..., 0].tolist() == drawn


def test_a_text_becomes_a_note_that_cannot_control_the_terminal(tmp_path: Path):
    text = tensor("run/text_summary", "text", dtype=types_pb2.DT_STRING, string_val=[b"hello\x1b[2J\nworld"])
    folder = write(tmp_path / "log", (5, text))
    assert [e.text for e in read_events(folder) if isinstance(e, Note)] == ["run: hello\\x1b[2J world"]


def test_tensors_that_make_no_sense_are_skipped(tmp_path: Path):
    odd = tensor("odd", "scalars", dtype=types_pb2.DT_STRING, string_val=[b"x"])
    assert steps(write(tmp_path / "log", (1, odd), (1, scalar("loss", 1.0)))) == [(1, 1, {"loss": 1.0})]


def test_a_foreign_log_can_be_replayed(tmp_path: Path):
    folder = write(tmp_path / "log", *((step, scalar("loss", 1.0)) for step in (1, 2, 3)))
    start = next(Replayer(folder).events())
    assert isinstance(start, RunStarted)
    assert (start.activity, start.total_steps) == ("replaying", 3)
