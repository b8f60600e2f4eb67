"""Contrast of text: computed from the variables of every theme, and measured on the cells of whole screens."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from jem_tui.tui.app import JemApp
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.preferences.readable_text import ENOUGH, HIGH, contrast, readable
from jem_tui.tui.preferences.theme import HIGH_CONTRAST, LIGHT, THEMES, Tone, readable_theme
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import FakeSource, text_of, until

pytestmark = pytest.mark.usefixtures("true_colour_terminal")

COMPUTED = [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.name.startswith("ansi")]
TEXTS = ("foreground", "text-muted", "text-disabled", "text-warning", "text-error", "text-success", "text-accent")
FIRST_DRAWING = 0x2500
"""First code point of boxes, blocks and braille, which are drawings and no text."""


def least(theme: Theme) -> float:
    return HIGH if theme is HIGH_CONTRAST else ENOUGH


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(Color.parse(one), Color.parse(other)) == pytest.approx(ratio, abs=0.01)


def test_a_readable_colour_stays_and_another_is_changed_no_further_than_needed():
    black, blue = Color.parse("#000000"), Color.parse("#0000ff")
    assert readable(Color.parse("#ffd24a"), (black,), 7.0) == Color.parse("#ffd24a")
    changed = readable(blue, (black,), 4.5)
    assert 4.5 <= contrast(changed, black) < 5.5 and changed.b == 255


@pytest.mark.parametrize("theme", COMPUTED, ids=lambda theme: theme.name)
def test_every_colour_of_text_is_readable_on_every_ground(theme):
    found = readable_theme(theme, {**theme.to_color_system().generate(), **theme.variables})
    grounds = [Color.parse(found[name]) for name in ("background", "surface", "panel")]
    texts = [Color.parse(found[name]) for name in TEXTS]
    assert min(contrast(text, ground) for text in texts for ground in grounds) >= least(theme)
    tones = [Color.parse(found[name[1:]]) for tone in Tone for name in (tone.variable, tone.weak_variable)]
    assert min(contrast(text, ground) for text in tones for ground in grounds[:2]) >= least(theme)
    for fill in ("primary", "success", "warning", "error", "foreground"):
        assert contrast(Color.parse(found[f"on-{fill}"]), Color.parse(found[fill])) >= least(theme)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_programs_own_tones_are_readable_without_a_change(theme):
    found = readable_theme(theme, {**theme.to_color_system().generate(), **theme.variables})
    place = THEMES.index(theme)
    assert all(found[tone.variable[1:]].lower() == tone.value[place] for tone in Tone if tone.value)


def ratios(app: JemApp, inside: Widget) -> Iterator[tuple[float, str]]:
    """Yield the contrast of each piece of text within a widget."""
    region = inside.region
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        if not region.y <= row < region.bottom:
            continue
        for segment in strip.crop(region.x, region.right):
            style, text = segment.style, segment.text
            if not any(unicodedata.category(sign)[0] in "LNP" and ord(sign) < FIRST_DRAWING for sign in text):
                continue
            assert style is not None and style.color is not None and style.bgcolor is not None
            front, ground = (Color(*colour.get_truecolor()) for colour in (style.color, style.bgcolor))
            yield contrast(front, ground), text.strip()


@pytest.mark.parametrize(
    "theme",
    [pytest.param(theme, id=theme.name, marks=() if theme is LIGHT else pytest.mark.slow) for theme in THEMES],
)
async def test_every_text_of_screen_and_dialogs_is_readable(theme):
    source = FakeSource(total=2800)
    handle = RunHandle(driving(lambda report: source, lambda event: None))
    app = JemApp(handle, label="contrast", preferences=Preferences(None, {"screen": {"theme": theme.name}}))
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: source.step > 30 and "TRAINING" in text_of(app, "#header"))
        app.screen.draw_everything()
        await pilot.pause()
        run = app.screen
        assert not {text: ratio for ratio, text in ratios(app, run) if ratio < least(theme)}
        for key, part in (("h", "KeyPanel"), ("f2", "TourPanel"), ("question_mark", "HelpPanel")):
            await pilot.press(key)
            await until(pilot, lambda part=part: bool(run.query(part)) and run.query_one(part).size.height > 1)
            await pilot.pause()
            found = list(ratios(app, run.query_one(part)))
            assert found and not {text: ratio for ratio, text in found if ratio < least(theme)}
        await pilot.press("escape", "escape")
        await pilot.press("q")
        await until(pilot, lambda: app.screen is not run)
        await pilot.pause()
        dialog = app.screen.query(".dialog").first()
        assert not {text: ratio for ratio, text in ratios(app, dialog) if ratio < least(theme)}
