"""The gallery of failures on its page, the pictures of the explanation pages, and the scripts that draw them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jem_tui.config.load import make_config
from jem_tui.events.run import ACCURACY, NRG, XE, Event, Note, Samples, StepDone
from results.broken_runs import BROKEN, HEALTHY, BrokenRun
from results.failure_pictures import draw_run, symmetric_ticks
from results.failures import warnings_in
from results.page_pictures import MOST_BYTES
from tests.documented_commands import commands_in

PAGES = Path(__file__).parents[1] / "docs" / "explanation"
TOTAL_BYTES = 1_500_000


@pytest.mark.parametrize("run", [HEALTHY, *BROKEN], ids=lambda run: run.name)
def test_the_page_has_picture_and_command_of_each_run(run: BrokenRun):
    page = PAGES / "failures.md"
    assert shlex.split(run.command)[1:] in commands_in(page)
    assert run is HEALTHY or f"](failures/{run.name}.png)" in page.read_text(encoding="utf-8")
    make_config("fast", None, run.settings)


def test_every_picture_is_displayed_small_and_transparent():
    pictures = sorted(PAGES.rglob("*.png"))
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    assert {str(picture.relative_to(PAGES)) for picture in pictures} == set(re.findall(r"\]\(([\w/-]+\.png)\)", text))
    assert sum(picture.stat().st_size for picture in pictures) <= TOTAL_BYTES
    for picture in pictures:
        assert picture.stat().st_size <= MOST_BYTES
        with Image.open(picture) as drawn:
            assert drawn.convert("RGBA").getextrema()[3][0] == 0


def recording() -> list[Event]:
    """Return the events of a short run with huge energies, and one warning."""
    events: list[Event] = []
    for step in range(1, 61):
        at = {"step": step, "images": step, "time": 0.0}
        metrics = {NRG: -1e6 * step, XE: 1.0, ACCURACY: 0.5, "JEM/energy_data": -1e7, "sgld/gradient": 1.0}
        events.append(StepDone(**at, epoch=0, metrics=metrics))
    flat = np.zeros(4, np.float32)
    tiles = np.full((4, 8, 8, 1), 99, np.uint8)
    events.append(Samples(**at, tiles=tiles, energy=flat, age=flat, predicted=flat, confidence=flat, reseeds=flat))
    return [
        *events,
        Note(**at, text="the chains lag behind", kind="warning"),
        Note(**at, text="saved", kind="checkpoint"),
    ]


def test_a_run_is_drawn_next_to_the_healthy_one(tmp_path: Path):
    events = recording()
    draw_run(events, events, tmp_path / "run.png")
    with Image.open(tmp_path / "run.png") as drawn:
        assert drawn.size[0] > 1000
    assert list(warnings_in(events)) == ["step 60: the chains lag behind"]


def test_ticks_of_huge_values_are_powers_on_both_sides():
    assert symmetric_ticks(-5e4, 2e2) == [-1e4, -1e2, 0.0, 1e2]
