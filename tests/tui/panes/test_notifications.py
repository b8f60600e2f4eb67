"""Notes that a person must read, at every size of the screen."""

from __future__ import annotations

from collections.abc import Generator
from time import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets._toast import Toast

from jem_tui.events.run import Event, Note, Wait
from jem_tui.tui.panes.notifications import SEVERITIES, NoteToasts
from jem_tui.tui.state.note_signs import SIGNS
from jem_tui.tui.state.run_state import RunView
from tests.tui.sources import FakeSource, jem_app, run_started, shows, until
from tests.tui.viewed_run import FakeViewer, attached, viewed_app

FIGURES = "digits: 90 train, 10 test images of 10 classes; 28x28 gray, the pixels from 0 to 255, no duplicates anywhere"
LONG_AGO = 3600.0


class Noting(FakeSource):
    """A run that begins with notes on its data."""

    def events(self) -> Generator[Event | Wait, None, None]:
        course = super().events()
        yield next(course)
        yield Note(step=0, images=0, time=time(), text=FIGURES)
        yield Note(step=0, images=0, time=time(), text="all images of class 3 are equal", kind="warning")
        yield from course


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35)])
async def test_the_figures_of_the_data_and_a_warning_of_them_are_whole_on_the_screen(size):
    app = jem_app(Noting())
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: shows(app, "anywhere") and shows(app, "are equal"))


async def test_the_past_of_a_run_that_is_attached_to_raises_no_toast():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    viewer.put(Note(step=0, images=0, time=time(), text=FIGURES))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await attached(app, pilot)
        viewer.put(Note(step=0, images=0, time=time(), text="all images of class 3 are equal", kind="warning"))
        await until(pilot, lambda: "are equal" in "".join(notice.message for notice in app._notifications))
        assert len(app._notifications) == 1


async def test_only_the_newest_restart_of_chains_is_a_toast():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await attached(app, pilot)
        for text in ("restarted 16 chains", "restarted 32 chains"):
            viewer.put(Note(step=5, images=5, time=time(), text=text, kind="reseed"))
            await until(pilot, lambda text=text: [notice.message for notice in app._notifications] == [text])
        for text in ("restarted 64 chains", "restarted 128 chains"):
            viewer.put(Note(step=6, images=6, time=time(), text=text, kind="reseed"))
        await until(pilot, lambda: shows(app, "restarted 128 chains"))
        await until(pilot, lambda: len(app.screen.query(Toast)) == 1)


kinds = st.sampled_from(sorted(SIGNS))
notes = st.lists(st.tuples(kinds, st.sampled_from([0, 5]), st.booleans()), max_size=4)


@given(batches=st.lists(st.tuples(notes, st.booleans()), max_size=4))
def test_each_new_note_that_must_be_read_passes_once(batches):
    passed: list[str] = []
    expected: list[str] = []
    pane: Any = SimpleNamespace(
        app=SimpleNamespace(post_message=lambda notify: passed.append(notify.notification.message))
    )
    run, passing = RunView(run_started()), NoteToasts(pane)
    for number, (batch, hidden) in enumerate(batches):
        for place, (kind, step, old) in enumerate(batch):
            text = f"{number} {place}"
            run.add_note(Note(step=step, images=step, time=time() - LONG_AGO * old, text=text, kind=kind))
            read_if_hidden = kind in SEVERITIES or kind in ("adjust", "reseed") or (kind == "info" and step == 0)
            if not old and ((kind == "warning" and step == 0) or (hidden and read_if_hidden)):
                expected.append(text)
        passing.show(run, hidden=hidden)
        passing.show(run, hidden=True)
    assert passed == expected
