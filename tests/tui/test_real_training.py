"""A run under the screen is the run without it, event for event."""

from __future__ import annotations

from jem_tui.events.run import Event, StepDone
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle
from tests.jem.runs import emitted, opener, run, small_config


async def test_watching_and_pausing_changes_nothing(tmp_path):
    config = small_config()
    straight = run(config, tmp_path / "straight")
    events: list[Event] = []
    app = JemApp(
        RunHandle(opener(config, tmp_path / "watched"), events.append), label="test", run_dir=str(tmp_path / "watched")
    )
    async with app.run_test(size=(120, 35)) as pilot:
        for _ in range(600):
            await pilot.pause(0.05)
            if any(isinstance(e, StepDone) for e in events):
                await pilot.press("p", "n", "n", "p")
                break
        for _ in range(600):
            await pilot.pause(0.05)
            if events and type(events[-1]).__name__ == "Stopped":
                break
        await pilot.press("q")
    assert app.return_value is not None
    assert app.return_value.reason == "finished"
    assert emitted(events) == emitted(straight)
