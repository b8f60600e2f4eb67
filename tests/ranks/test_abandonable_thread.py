"""Calls on a thread whose caller can leave them, and a source whose calls are made there."""

from __future__ import annotations

import threading
import time

import pytest

from jem_tui.errors import JemError
from jem_tui.jem.ranks.abandonable_thread import AbandonableThread
from jem_tui.jem.ranks.source_on_thread import SourceOnThread
from tests.ranks.test_mirrored_source import CountingSource


def test_a_call_that_never_returns_can_be_abandoned():
    thread, never = AbandonableThread("test"), threading.Event()
    threading.Timer(0.05, thread.abandon, [JemError("left")]).start()
    with pytest.raises(JemError, match="left"):
        thread.call(never.wait)
    with pytest.raises(JemError, match="left"):
        thread.call(time.monotonic)
    never.set()


def test_a_call_is_abandoned_by_an_exception_of_the_function_that_is_called_during_the_wait():
    thread, never, calls = AbandonableThread("test"), threading.Event(), []

    def stop_at_the_second_call() -> None:
        calls.append(time.monotonic())
        if len(calls) == 2:
            raise JemError("stopped")

    with pytest.raises(JemError, match="stopped"):
        thread.call(never.wait, stop_at_the_second_call)
    assert thread.abandoned
    never.set()


def test_results_and_exceptions_pass_from_the_thread():
    thread = AbandonableThread("test")
    assert thread.call(threading.current_thread).name == "test"
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)
    assert thread.call(lambda: 3) == 3


def test_a_source_on_a_thread_emits_the_same_events():
    source, thread = CountingSource(), AbandonableThread("test")
    mirrored = SourceOnThread(source.events, source.apply, thread.call)
    assert list(mirrored.events()) == list(CountingSource().events())
    events = mirrored.events()
    next(events)
    events.close()
    assert source.calls == [1, 2, 3, "closed", 1, "closed"]
