"""The inbox of a screen: the bytes of the events that wait in it."""

from __future__ import annotations

from threading import Thread

from jem_tui.events.event import Event
from jem_tui.stream import inbox
from jem_tui.stream.inbox import EVENT_BYTES, Inbox
from tests.stream.stream_events import step_done


def test_an_event_of_a_second_thread_is_counted(monkeypatch):
    box, others = Inbox(), [Thread(target=lambda: box.put(step_done(2)))]

    def interrupted(event: Event) -> int:
        for other in [others.pop()] if others else []:
            other.start()
            other.join()
        return EVENT_BYTES

    monkeypatch.setattr(inbox, "size_of", interrupted)
    box.put(step_done(1))
    assert box.waiting_bytes == 2 * EVENT_BYTES
    assert len(list(box.received())) == 2 and box.waiting_bytes == 0
