"""The pane with the diagnostics of the sampler."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

import numpy as np
import pytest

from jem_tui.events.metric_texts import STEP_METRICS
from jem_tui.events.run import Event, Wait
from jem_tui.events.sampler_texts import SAMPLER_DIAGNOSTICS
from jem_tui.tui.panes.sampler_pane import course_of, definition_lines, shortened
from jem_tui.tui.state.sampler_tags import MEASURED, SHOWN
from tests.tui.sources import FakeSource, jem_app, run_started, samples, shows, step_done, text_of, until

CHAINS = {"buffer": {"size": 64}, "sgld": {"steps": 5}}


class Diagnosed(FakeSource):
    """Source of a run with chains whose sampler is diagnosed at two of its steps."""

    config: ClassVar[dict[str, Any]] = CHAINS
    diagnosed = True

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(config=self.config)
        yield samples(0)
        for step in range(1, 8):
            found = dict.fromkeys(SAMPLER_DIAGNOSTICS, step / 8) if self.diagnosed and step in (3, 6) else {}
            yield step_done(step, **found)
        while True:
            yield Wait(0.05)


class Undiagnosed(Diagnosed):
    config: ClassVar[dict[str, Any]] = {**CHAINS, "stability": {"snapshot_every": 200}, "train": {"device": "cpu"}}
    diagnosed = False


class Classifier(Diagnosed):
    config: ClassVar[dict[str, Any]] = {"sgld": {"steps": 0, "steps_growth": 0.0}}


def test_every_row_has_a_text():
    assert set(SHOWN) <= STEP_METRICS.keys()
    assert set(SAMPLER_DIAGNOSTICS) == set(MEASURED)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35), (200, 60)])
async def test_key_8_displays_the_newest_diagnostics_with_their_courses(size):
    app = jem_app(Diagnosed())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "JEM/total"))
        assert not shows(app, "R-hat of restarted")
        await pilot.press("8")
        await until(pilot, lambda: shows(app, "R-hat of restarted"))
        text = text_of(app, "#sampler")
        assert text.count("0.75") == len(SAMPLER_DIAGNOSTICS)
        assert str(app.screen.query_one("#sampler").border_subtitle) == "step 6"
        app.screen.query_one("#sampler").focus()
        await pilot.press("Y")
        await until(pilot, lambda: "sgld/rhat\t6\t0.75\n" in app._clipboard)
        await pilot.press("8", "1")
        await until(pilot, lambda: not shows(app, "R-hat of restarted"))


async def test_a_run_without_diagnostics_so_far_has_a_sentence():
    app = jem_app(Undiagnosed())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "JEM/total"))
        await pilot.press("8")
        await until(pilot, lambda: shows(app, "No diagnostics yet: they are measured every 600 steps."))


async def test_a_classifier_has_no_such_pane():
    app = jem_app(Classifier())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "JEM/total"))
        await pilot.press("8")
        await pilot.pause()
        assert not app._session.can("sampler")
        assert not app.screen.query_one("#sampler").display


def test_the_course_has_a_bar_for_each_finite_value():
    assert course_of(np.array([1.0, np.nan, 2.0, 3.0]), 8) == "▁▄█"
    assert course_of(np.array([1.0, 2.0, 3.0]), 2) == "▁█"
    assert course_of(np.array([np.nan]), 8) == course_of(np.array([1.0]), 0) == ""


def test_a_definition_is_wrapped_or_ends_in_an_ellipsis():
    lines = definition_lines("mean norm of the chains in the last SGLD step, before clamping", 30)
    assert max(map(len, lines)) <= 30 and all(line.startswith("  ") for line in lines)
    assert shortened(lines, 30).endswith(" …") and len(shortened(lines, 30)) <= 30
    assert shortened(["  short"], 30) == "  short"
