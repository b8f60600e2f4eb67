"""Negative numbers on screens have a minus sign; names, dates and options keep their hyphens."""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jem_tui
from jem_tui.events.commands import Command
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Energies, Event, Wait
from jem_tui.minus_sign import minus_signs
from tests.tui.sources import FakeSource, jem_app, run_started, samples, screen_rows, shows, step_done, until

HYPHEN = re.compile(r"(?<![\w.-])-\.?\d")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-1.5", "−1.5"),
        ("-1e-05 → 2e-07", "−1e−05 → 2e−07"),
        ("(-1, -.5)", "(−1, −.5)"),
        ("-inf … -∞", "−inf … −∞"),
        ("-12,500", "−12,500"),
        ("mnist-mini-3 of 2026-11-24", "mnist-mini-3 of 2026-11-24"),
        ("runs/-5 --steps -s 1", "runs/-5 --steps -s 1"),
    ],
)
def test_only_numbers_get_a_minus_sign(text, shown):
    assert minus_signs(text) == shown


def test_no_other_place_replaces_hyphens():
    folder = Path(jem_tui.__file__).parent
    places = [path for part in ("tui", "raster") for path in (folder / part).rglob("*.py")]
    assert [path for path in places if re.search(r"replace\(\s*\"-\"", path.read_text(encoding="utf-8"))] == []


class NegativeRun(FakeSource):
    """A run of which every number that can be negative is negative."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(config={"offset": -2.5, "small": -1e-7, "pair": [-1, -2], "sgld": {"steps": 5}})
        for step in range(1, 30):
            yield step_done(step, **dict.fromkeys((TOTAL, NRG, XE, ACCURACY, "JEM/own"), -step * 1.5))
        energy = np.linspace(-9, -2, 20).astype(np.float32)
        yield replace(samples(29), energy=energy, age=np.arange(20))
        counts = np.arange(1, 5)
        where = {"step": 29, "images": 29 * 64, "time": 29.0}
        yield Energies(edges=np.linspace(-12, -3, 5), data=counts, samples=counts, train=counts, **where)
        yield Wait(math.inf)

    def apply(self, command: Command) -> Iterator[Event]:
        yield from ()


@pytest.mark.parametrize("size", [(80, 24), pytest.param((160, 50), marks=pytest.mark.slow)])
async def test_no_pane_has_a_hyphen_before_a_number(size):
    app = jem_app(NegativeRun())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "−"))
        for keys in ("1", "2", "enter", "escape", "3", "4", "0", "V", "escape"):
            await pilot.press(keys)
            await pilot.pause()
            assert not [row for row in screen_rows(app) if HYPHEN.search(row)], keys
        await pilot.press("V")
        await until(pilot, lambda: shows(app, "−2.5") and shows(app, "−1e−07"))
