"""Logs of which nothing can be shown say what they hold, and a file that cannot be read costs itself alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2

from jem_tui.errors import InputError
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.reader.read_points import read_points
from jem_tui.stream.tfevents import records
from jem_tui.stream.tfevents.block_reader import BlockReader, Chunk
from jem_tui.stream.tfevents.records import frame
from tests.stream.tensorboard_logs import File, Point, content, write

LOG = File("", 1.0, [Point("loss", step, step + 2.0, 0.5) for step in range(9)])


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_log(folder)
    return str(caught.value)


@given(st.lists(st.sampled_from(["graph", "audio", "pr_curves", "x"]), min_size=1, max_size=9))
def test_a_log_without_anything_to_show_says_what_it_holds(tmp_path_factory: pytest.TempPathFactory, kinds: list[str]):
    folder = tmp_path_factory.mktemp("log")
    messages = []
    for kind in kinds:
        message = event_pb2.Event(wall_time=1.0)
        if kind == "graph":
            message.graph_def = b"x"
        elif kind == "audio":
            message.summary.value.add(tag="a").audio.sample_rate = 1.0
        else:
            value = message.summary.value.add(tag=kind)
            value.metadata.plugin_data.plugin_name = kind
            value.tensor.SetInParent()
        messages.append(frame(message.SerializeToString()))
    (folder / "events.out.tfevents.1.host").write_bytes(b"".join(messages))
    message = refusal(folder)
    assert "no events yet" not in message
    for kind, noun in (("graph", "graph"), ("audio", "audio clip"), ("pr_curves", "PR curve"), ("x", "of plugin x")):
        assert (noun in message) == (kind in kinds)


def test_an_empty_log_has_no_events_yet(tmp_path: Path):
    write(tmp_path, [File("", 1.0, [])])
    assert "no events yet" in refusal(tmp_path)


def test_a_log_of_records_that_are_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "MOST_RECORD", 60)
    monkeypatch.setattr("jem_tui.stream.tfevents.block_reader.BLOCK", 64)
    version, *_ = content(File("", 1.0, []))
    (tmp_path / "events.out.tfevents.1.host").write_bytes(version + frame(bytes(100)) * 2)
    assert "2 records are too large" in refusal(tmp_path)


def test_an_unreadable_file_hides_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    good, bad = write(tmp_path, [LOG, LOG])
    usual = BlockReader.read

    def refuse(scanner: BlockReader, path: Path, *rest: object) -> Iterator[Chunk]:
        if path == bad:
            raise PermissionError(13, "Permission denied")
        return usual(scanner, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(BlockReader, "read", refuse)
    found = read_points(tmp_path)
    assert len(found.points["loss"]) == 9
    assert found.left_out.sentences() == ["1 file cannot be read."]
    good.unlink()
    assert "Permission denied" in refusal(tmp_path)


def test_an_incomplete_last_record_is_reported_and_no_loss(tmp_path: Path):
    (path,) = write(tmp_path, [LOG])
    path.write_bytes(path.read_bytes()[:-3])
    found = read_points(tmp_path)
    assert len(found.points["loss"]) == 8
    assert not found.left_out and found.left_out.sentences() == ["1 file ends inside a record."]
