"""Colours of text with enough contrast to the grounds of a theme, as variables for style sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from textual.color import Color

ENOUGH, HIGH = 4.5, 7.0
"""Minimum contrast ratio of text: in every theme, and in a theme of high contrast (WCAG 2.2, criteria 1.4.3 and 1.4.6)."""
GROUNDS = ("background", "surface", "panel", "footer-background")
"""Variables of the colours behind text."""
CHOSEN = 0.25
"""Share of the primary colour in the ground of a chosen option."""
MUTED, FAINT = 0.6, 0.4
"""Shares of the foreground in weaker text, before it is made readable."""
WEAK_TONE = 0.6
"""Share of a curve's colour in the raw values of a chart's header, before it is made readable."""
TEXTS = ("foreground", *(f"text-{name}" for name in ("primary", "secondary", "accent", "success", "warning", "error")))
"""Variables of the colours of text on any ground."""
FOOTER = ("footer-key-foreground", "footer-description-foreground")
"""Variables of the colours of text in the footer."""
FILLS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
"""Variables of colours that are also grounds, behind the words of badges."""
STEPS = 20
"""Number of mixtures between a colour and black or white that are tried."""
_WHITE, _BLACK = Color(255, 255, 255), Color(0, 0, 0)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=256)
def readable(colour: Color, grounds: tuple[Color, ...], least: float) -> Color:
    """Return the mixture with the most of `colour` whose contrast to all `grounds` is at least `least`.

    The colour is mixed with white or black, whichever differs more from the grounds. Without any such mixture, the result is that
    extreme.
    """
    extreme = max((_WHITE, _BLACK), key=lambda end: min(contrast(end, ground) for ground in grounds))
    mixtures = (colour.blend(extreme, step / STEPS, 1) for step in range(STEPS + 1))
    enough = (each for each in mixtures if all(contrast(each, ground) >= least for ground in grounds))
    return next(enough, extreme)


def readable_variables(variables: Mapping[str, str], tones: Iterable[str], least: float) -> dict[str, str]:
    """Return the variables of text in readable colours, made from the `variables` of a theme, among them `tones`.

    `on-primary` and the like are words on a fill, and `weak-…` is a weaker form of a tone. A theme in the colours of the terminal
    keeps its colours, which are unknown here.
    """
    tones = tuple(tones)
    if Color.parse(variables["background"]).ansi is not None:
        same = {f"weak-{tone}": variables[tone] for tone in tones}
        return {**same, **{f"on-{fill}": variables["background"] for fill in FILLS}}
    parsed = {name: Color.parse(variables[name]) for name in {*GROUNDS, *FILLS, *TEXTS, *FOOTER, *tones}}
    ground, surface = parsed["background"], parsed["surface"]
    chosen = surface.blend(parsed["primary"], CHOSEN, 1)
    grounds = (*(parsed[name] for name in GROUNDS if parsed[name].a == 1), chosen)
    found = {name: readable(parsed[name], grounds, least) for name in TEXTS}
    found |= {name: readable(parsed[name], (grounds[-2],), least) for name in FOOTER}
    found |= {name: readable(parsed[name], (ground, surface), least) for name in tones}
    for name, share in (("text-muted", MUTED), ("text-disabled", FAINT)):
        found[name] = readable(ground.blend(found["foreground"], share, 1), grounds, least)
    weak = {
        f"weak-{tone}": readable(ground.blend(found[tone], WEAK_TONE, 1), (ground, surface), least) for tone in tones
    }
    on = {f"on-{fill}": readable(ground, (found.get(fill, parsed[fill]),), least) for fill in FILLS}
    return {name: colour.hex6 for name, colour in (found | weak | on).items()}


@lru_cache(maxsize=1024)
def _luminance(colour: Color) -> float:
    """Return the relative luminance, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in (colour.r, colour.g, colour.b))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
