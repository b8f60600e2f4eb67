"""Sections and settings of the preferences file that are not applied are reported, and the program continues with defaults."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jem_tui.raster.plot.scales.axis import AXES
from jem_tui.tui.charts import chart_settings
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.remap import remap_keys
from jem_tui.tui.preferences import preference_faults as table
from jem_tui.tui.preferences.pane_layout import PANES, PaneLayout
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.supervision.styled_app import MOST_WARNINGS
from jem_tui.tui.terminal.terminal_signals import Signal
from tests.tui.sources import FakeSource, jem_app, until

VALUES = (
    st.booleans()
    | st.integers(-5, 5)
    | st.floats(0, 1)
    | st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=6)
    | st.sampled_from(["log", "steps", "textual-dark", "f5"])
    | st.lists(st.integers(), max_size=2)
)
NAMES = st.text(st.characters(codec="ascii", categories=("L",)), min_size=1, max_size=8)
SETTINGS = st.sampled_from(sorted({key for known in table.KNOWN.values() for key in known})) | NAMES
SECTIONS = st.sampled_from(list(table.KNOWN)) | NAMES


def same(applied: object, written: object) -> bool:
    """Return whether a setting is applied as it is written; shares of the width are rounded."""
    switches = isinstance(applied, bool) or isinstance(written, bool)
    numbers = isinstance(applied, int | float) and isinstance(written, int | float) and not switches
    return (
        applied == pytest.approx(written, abs=1e-3)
        if numbers
        else applied is written or (applied == written and not switches)
    )


def load(folder: Path, text: str) -> Preferences:
    path = folder / "screen.toml"
    path.write_text(text)
    return Preferences.load(path)


def test_the_table_names_what_the_screens_read():
    assert get_args(chart_settings.ScaleChoice) == table.SCALES and AXES == table.AXES
    assert chart_settings.SMOOTHINGS[-1] == table.MOST_SMOOTHING
    assert set(ChartSettings().to_dict()) == set(table.KNOWN["curves"])
    assert {"share", *PANES} == set(table.KNOWN["layout"])
    assert set(get_args(Signal)) == set(table.KNOWN["signals"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("keys = 5", "keys is 5, not a section. Its defaults apply; write [keys] on a line of its own"),
        ("curves = []", "curves is [], not a section"),
        ("[kyes]\npause = 'x'", "there is no section kyes (did you mean keys?). It is ignored."),
        (
            "[curves]\nsmoothing = 'high'",
            "[curves] smoothing is 'high', not a number from 0 to 0.999. Its default applies.",
        ),
        ("[curves]\nscale = 'lag'", "[curves] scale is 'lag', not one of automatic, linear, symlog, log."),
        ("[layout]\nnote = true", "[layout] has no setting note (did you mean notes?)"),
        ("[layout]\nnotes = 1", "[layout] notes is 1, not true or false."),
        ("[signals]\nbell = 'loud'", "[signals] bell is 'loud', not true or false."),
        ("[steering]\nask_before_restarts = 'yes'", "[steering] ask_before_restarts is 'yes', not true or false."),
        ("[screen]\ntheme = 5", "[screen] theme is 5, not text in quotes."),
    ],
)
def test_a_fault_is_one_sentence_with_file_and_setting(tmp_path, text, words):
    (fault,) = load(tmp_path, text).faults
    assert fault.startswith(f"{tmp_path / 'screen.toml'}: ") and words in fault


def test_what_the_program_saves_has_no_fault(tmp_path):
    path = tmp_path / "screen.toml"
    saved = Preferences(path)
    saved.keep("curves", ChartSettings().to_dict())
    saved.keep("layout", PaneLayout(0.4, {"notes": True}).stored())
    saved.keep("screen", {"theme": "textual-dark"})
    assert Preferences.load(path).faults == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(SECTIONS, VALUES | st.dictionaries(SETTINGS, VALUES, max_size=4), max_size=5))
def test_any_sections_are_reported_or_applied(tmp_path: Path, content: dict[str, Any]):
    found = load(tmp_path, tomlkit.dumps(content))
    assert not found.note
    remap_keys(KEYS, found.section("keys"))
    applied = {
        "curves": ChartSettings.read(found.section("curves")).to_dict(),
        "layout": PaneLayout.read(found.section("layout")).stored(),
    }
    for name, part in content.items():
        reported = [fault for fault in found.faults if name in fault]
        assert len(reported) >= (name not in table.KNOWN or not isinstance(part, dict))
        if isinstance(part, dict) and name in applied:
            wrong = [key for key, value in part.items() if not same(applied[name].get(key), value)]
            assert all(any(re.search(rf"\b{key}\b", fault) for fault in reported) for key in wrong)
            assert len([fault for fault in found.faults if f"[{name}]" in fault]) == len(wrong)


async def test_faults_are_a_few_notices_and_defaults_apply(tmp_path):
    wrong = "\n".join(f"wrong{number} = {number}" for number in range(50))
    app = jem_app(FakeSource())
    preferences = load(tmp_path, f"keys = 5\n[curves]\nsmoothing = 'high'\n{wrong}\n[screen]\ntheme = 'none'")
    app._preferences = preferences
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: len(app._notifications) > MOST_WARNINGS)
        texts = [notice.message for notice in app._notifications]
    assert sum("screen.toml" in text for text in texts) == MOST_WARNINGS
    assert any("keys is 5, not a section" in text for text in texts)
    assert any("50 further settings" in text for text in texts)
