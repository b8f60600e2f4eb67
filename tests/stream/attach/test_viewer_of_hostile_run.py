"""A viewer whose run sends what no run sends: it ends or reconnects with one sentence, and its memory is bounded."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from jem_tui.events.run import Evaluated, Note, RunStarted, StepDone, Stopped
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach import live_limits, lost_run, viewer
from jem_tui.stream.attach.connect import SocketStream
from jem_tui.stream.attach.frames import JSON, RECORDS, pack
from jem_tui.stream.attach.messages import Message, Refused, pack_message
from jem_tui.stream.inbox import EVENT_BYTES, size_of
from jem_tui.stream.log_data import limits
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from tests.stream.attach.attached_viewer import Attached
from tests.stream.attach.scripted_door import ScriptedDoor, as_records, hello
from tests.stream.stream_events import samples, started, step_done, stopped
from tests.wait_until import wait_until

ESCAPE = "\x1b]0;owned\x07\x1b[2J\x9b31m"
NEWER = pack(JSON, json.dumps({"kind": "hello", "protocol": [2, 0]}).encode())
TIMELESS = codec.encode(started())
TIMELESS.wall_time = float("nan")


class RepeatingDoor(ScriptedDoor):
    """A door that sends the same bytes over each connection, and closes it if it is `brief`."""

    def __init__(self, *sent: Message | bytes, brief: bool = True) -> None:
        super().__init__()
        self._sent, self._brief = sent, brief

    def connect(self) -> SocketStream:
        near = super().connect()
        # More than the buffers of a socket would wait for the viewer, which reads after this call
        Thread(target=self._send_to, args=(self._ends[-1],), daemon=True).start()
        return near

    def _send_to(self, end: socket.socket) -> None:
        with suppress(OSError):
            end.sendall(b"".join(each if isinstance(each, bytes) else pack_message(each) for each in self._sent))
            if self._brief:
                end.shutdown(socket.SHUT_WR)


Attach = Callable[..., Attached]


@pytest.fixture
def attach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attach]:
    """Return a function that attaches a viewer to a run that sends the same bytes over each connection."""
    monkeypatch.setattr(lost_run, "is_alive", lambda run_dir: True)
    monkeypatch.setattr(viewer, "FIRST_PATIENCE", 0.05)
    monkeypatch.setattr(viewer, "FIRST_DELAY", 0.01)
    monkeypatch.setattr(viewer, "LONGEST_DELAY", 0.02)
    opened: list[Attached] = []

    def attach(*sent: Message | bytes, brief: bool = True) -> Attached:
        opened.append(Attached(tmp_path / "run", RepeatingDoor(*sent, brief=brief)))
        return opened[-1]

    yield attach
    for each in opened:
        assert each.viewer.close(5.0)
        each.door.close()


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (b"", "the run has closed the connection"),
        (b"\xff\xfe garbage", "does not speak the protocol"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak the protocol"),
        (b"\0\0\0\0", "does not speak the protocol"),
        (pack(JSON, b"{"), "does not speak the protocol"),
        (pack(JSON, b"[" * 100_000), "does not speak the protocol"),
        (as_records(step_done(1)), "records before the greeting"),
        (hello(started(), run_id=7), "run_id is not a text"),
        (replace(hello(started()), started=b""), "a greeting without a run"),
        (replace(hello(started()), started=frame(TIMELESS.SerializeToString())), "a greeting without a run"),
        (NEWER, "different versions of the protocol"),
        (Refused(text=ESCAPE), r"\x1b]0;owned"),
    ],
)
def test_a_run_that_no_viewer_can_join_is_refused_in_one_sentence(attach: Attach, sent: Message | bytes, cause: str):
    attached = attach(sent)
    attached.until(lambda: attached.viewer.ended)
    ended = attached.viewer.ended
    assert isinstance(ended, Stopped) and ended.reason == "refused" and not ended.details
    assert cause in ended.error and ended.error.isprintable()
    assert ended.error.startswith("The run cannot be joined: ") and not attached.of(RunStarted)


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (as_records(step_done(2))[:-5], "the run has closed the connection"),
        (pack(RECORDS, b"no record"), "damaged records"),
        (b"\xff\xff\xff\xff", "a frame of 4,294,967,295 bytes"),
        (pack(JSON, b'{"kind":"answer","number":1,"name":"ChainRefusal","fields":7}'), "not an object"),
        (NEWER, "different versions of the protocol"),
        (pack(b"H", b""), "history"),
    ],
)
def test_a_joined_run_that_breaks_the_protocol_is_joined_again(attach: Attach, sent: bytes, cause: str):
    attached = attach(hello(started()), as_records(step_done(1)), sent)
    attached.until(lambda: len(attached.of(RunStarted)) >= 3)
    lost = [each for each in attached.of(Connection) if isinstance(each, Connection) and not each.connected]
    assert len({each.text for each in lost}) == 1 and cause in lost[0].text
    assert "The viewer reconnects automatically" in lost[0].text
    assert attached.viewer.ended is None


def test_an_unknown_reason_of_an_end_is_a_failure(attach: Attach):
    end = replace(stopped(1), reason=f"melted{ESCAPE}")
    attached = attach(hello(started()), as_records(step_done(1), end))
    attached.until(lambda: attached.viewer.ended)
    assert attached.viewer.ended.reason == "failed" and "melted" in attached.viewer.ended.error
    assert attached.viewer.ended.error.isprintable()


def test_no_run_adds_more_metrics_and_notes_than_a_log(attach: Attach, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CURVES", 20)
    monkeypatch.setattr(limits, "MOST_NOTES", 5)
    start = started()
    steps = [replace(step_done(step), metrics={f"m{step}/{n}": 1.0 for n in range(9)}) for step in range(1, 9)]
    notes = [Note(**start.at.fields(), text=f"note {number}") for number in range(50)]
    scores = Evaluated(**steps[-1].at.fields(), split="test", scores={"new": 1.0})
    attached = attach(hello(start), as_records(*steps, *notes, scores, step_done(9)), brief=False)
    attached.until_step(9)
    tags = {tag for event in attached.events if isinstance(event, StepDone) for tag in event.metrics}
    assert len(tags) == 20
    (kept,) = [event for event in attached.events if isinstance(event, Evaluated)]
    assert kept.scores == {}
    texts = [event.text for event in attached.events if isinstance(event, Note)]
    left_out = [text for text in texts if "The others are left out" in text]
    assert len(left_out) == 1 and len(texts) == 5 + len(left_out)


def test_a_step_with_the_metrics_of_the_last_one_is_kept_unchanged():
    kept = live_limits.LiveLimits()
    for step in range(1, 4):
        event = step_done(step)
        assert kept.kept(event) is event


def test_a_screen_that_draws_nothing_takes_no_more_memory(attach: Attach, monkeypatch):
    monkeypatch.setattr(viewer, "MOST_WAITING", 200_000)
    large = as_records(*(samples(step, 64) for step in range(1, 200)))
    attached = attach(hello(started()), large, *[pack_message(Refused(text="x" * 3000))] * 100, brief=False)
    attached.until(lambda: attached.of(RunStarted))
    viewed = attached.viewer
    assert isinstance(viewed, viewer.Viewer)
    wait_until(lambda: viewed._inbox.waiting_bytes > viewer.MOST_WAITING, "the inbox does not fill")
    largest = max(size_of(samples(1, 64)), EVENT_BYTES + 3000)
    assert viewed._inbox.waiting_bytes <= viewer.MOST_WAITING + largest
    attached.until(lambda: any(event.step == 199 for event in attached.events))
    assert viewed.ended is None
