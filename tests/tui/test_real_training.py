"""A run under the screen is the run without it, event for event."""

from __future__ import annotations

from jem_tui.events.run import Event, StepDone
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.jem.runs import emitted, opener, run, small_config
from tests.tui.sources import text_of, until


async def test_watching_and_pausing_changes_nothing(tmp_path):
    config = small_config()
    straight = run(config, tmp_path / "straight")
    events: list[Event] = []
    app = JemApp(
        RunHandle(driving(opener(config, tmp_path / "watched"), events.append)),
        label="test",
        run_dir=str(tmp_path / "watched"),
    )
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: any(isinstance(event, StepDone) for event in events))
        await pilot.press("p", "n", "n", "p")
        await until(pilot, lambda: "FINISHED" in text_of(app, "#header"))
        await pilot.press("q")
    assert app.return_value is not None
    assert app.return_value.reason == "finished"
    assert emitted(events) == emitted(straight)
