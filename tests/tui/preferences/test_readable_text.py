"""Contrast of text, computed from the variables of every theme."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from jem_tui.tui.preferences.readable_text import ENOUGH, HIGH, contrast, readable
from jem_tui.tui.preferences.theme import HIGH_CONTRAST, THEMES, Tone, readable_theme

COMPUTED = [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.name.startswith("ansi")]
TEXTS = ("foreground", "text-muted", "text-disabled", "text-warning", "text-error", "text-success", "text-accent")


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


def test_frames_are_distinct_in_a_theme_of_high_contrast():
    found = readable_theme(HIGH_CONTRAST, {**HIGH_CONTRAST.to_color_system().generate(), **HIGH_CONTRAST.variables})
    for name in ("frame", "dialog-frame"):
        colour, share = found[name].split()
        ground = Color.parse(found["background"])
        assert contrast(ground.blend(Color.parse(colour), int(share[:-1]) / 100, 1), ground) >= 3
