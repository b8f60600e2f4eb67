"""The pane with the score of a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from jem_tui.events.drawing import DrawingScore, EnergyReference
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.draw.centring import magnification, off_centre
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.score_rows import (
    chain_rows,
    energy_rows,
    explanation,
    headline,
    probability_rows,
    verdict,
)
from jem_tui.tui.keys.remap import DEFAULT_KEYBOARD, Keyboard, keyboard_of
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures

FAR = 2.5
"""Distance in pixels of the strokes from the centre of a 28×28 image beyond which centring is suggested."""
SMALLER, LARGER, MUCH_LARGER = 0.9, 1.1, 1.5
"""Factors of the size of the strokes from which their change by centring is mentioned, and from which thicker strokes differ from MNIST."""
LEAST_ENERGIES, MOST_ENERGIES = 5, 26
"""Rows of the histograms with their heading and axis."""
LEAST_CLASSES = 3
"""Classes whose bars are displayed in any case."""
CHAIN_SHARE, MOST_CHAIN = 8, 6
"""The curve of a chain takes one of `CHAIN_SHARE` rows, at most `MOST_CHAIN`."""


@contain_failures
class ScorePane(Static):
    """Class probabilities, energy and verdict of the drawing, with the curve of its chain."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)

    def draw(self, state: DrawingState) -> None:
        """Draw the newest score if its text differs from what is displayed."""
        width, height = self.content_size
        rows = list(pane_rows(state, width, height, keyboard_of(self.app))) if width and height else []
        content = Content("\n").join(rows[:height])
        show_content(self, content)


def pane_rows(state: DrawingState, width: int, height: int, keyboard: Keyboard = DEFAULT_KEYBOARD) -> Iterator[Content]:
    """Yield the rows of the pane in an area of `width` × `height` cells."""
    if state.failure and not (state.closed and state.canvas is None):
        yield from _wrapped(keyboard.fill(state.failure), width, "$text-error")
    if state.score is None or state.model is None or state.canvas is None:
        if not state.failure:
            yield from _wrapped(awaited(state), width)
    elif state.is_blank:
        yield from blank_rows(state.reference, width, height)
    else:
        yield from scored_rows(state, state.score, state.model.class_names, width, height, keyboard)


def awaited(state: DrawingState) -> str:
    """Return what the pane waits for before the first score."""
    waits = "scoring …" if state.ready else "Class and energy appear once the model is loaded."
    return waits if state.canvas is None or state.ready else f"{state.progress} … You can draw already. {waits}"


def scored_rows(
    state: DrawingState, score: DrawingScore, names: Sequence[str], width: int, height: int, keyboard: Keyboard
) -> Iterator[Content]:
    """Yield the rows of a scored drawing: headline, class probabilities, the curve of its chain, and energies.

    The bars of the classes and the histograms share the rows that the other parts leave.
    """
    reference = state.reference
    head = [headline(score, names), verdict(score, reference, width), *advice(state, width, keyboard)]
    curve = list(chain_rows(state.energies, state.moved, width, min(MOST_CHAIN, height // CHAIN_SHARE)))
    chain = [Content(), *curve] if curve and state.moved else []
    room = height - len(head) - len(chain) - 2
    sentences = explanation(reference, width, max(1, (room - LEAST_CLASSES - LEAST_ENERGIES) // 2))
    classes = min(len(names), max(LEAST_CLASSES, room - LEAST_ENERGIES - len(sentences)))
    bars = list(probability_rows(score, names, state.label, width, classes))
    yield from (row.truncate(width, ellipsis=True) for row in head)
    yield from [Content(), *bars, *chain]
    if reference is not None:
        yield from compared_rows(state, score, reference, width, room - len(bars) - len(sentences))
    yield from sentences


def compared_rows(
    state: DrawingState, score: DrawingScore, reference: EnergyReference, width: int, height: int
) -> Iterator[Content]:
    """Yield a blank row and the energy of the drawing or its chain among those of the data; nothing where they do not fit."""
    if height >= LEAST_ENERGIES - 1:
        word = "chain" if state.moved else "drawing"
        older = f" · data scored at step {reference.step:,}" if reference.step != score.step else ""
        yield Content()
        yield from energy_rows(reference, score.energy, width, min(height, MOST_ENERGIES), word, f"E(x), nats{older}")


def blank_rows(reference: EnergyReference | None, width: int, height: int) -> Iterator[Content]:
    """Yield the rows for an empty drawing, whose class and energy mean nothing: a sentence, and the energies of the data."""
    sentence = "Nothing drawn yet. Class and energy appear with the first stroke."
    lines = _wrapped(sentence, width)
    yield from lines
    left = height - len(lines) - 1
    if reference is not None and left >= LEAST_ENERGIES:
        sentences = explanation(reference, width, (left - LEAST_ENERGIES) // 2)
        yield Content()
        yield from energy_rows(reference, None, width, min(left - len(sentences), MOST_ENERGIES))
        yield from sentences


def advice(state: DrawingState, width: int, keyboard: Keyboard) -> Iterator[Content]:
    """Yield sentences about the scored image: a centred drawing, a drawing far from the centre, or the class of the sampler."""
    canvas, model = state.canvas, state.model
    if canvas is None or model is None:
        return
    text = ""
    distance, prepared = off_centre(canvas.pixels, canvas.paper), preparation(canvas)
    if state.centres:
        text = (
            f"The coloured image is scored: your drawing, {prepared} as in MNIST. {{draw-centre}} scores it as drawn."
        )
    elif canvas.shape[2] == 1 and not state.moved and distance > FAR * min(canvas.shape[:2]) / 28:
        text = (
            f"{distance:.0f} pixels off the centre, where MNIST has its digits. {{draw-centre}} scores it {prepared}."
        )
    yield from _wrapped(keyboard.fill(text), width, MUTED if state.centres else "$text-warning")
    if state.label is not None:
        name = class_name(model.class_names, state.label)
        yield Content.styled(f"The sampler follows p(x|y = {name}).", MUTED)


def preparation(canvas: DrawingCanvas) -> str:
    """Return what the preprocessing of MNIST does to a drawing, as past participles."""
    factor = magnification(canvas.pixels, canvas.paper)
    if factor > MUCH_LARGER:
        return "enlarged (with thicker strokes) and centred"
    return "enlarged and centred" if factor > LARGER else "reduced and centred" if factor < SMALLER else "centred"


def _wrapped(text: str, width: int, style: str = MUTED) -> list[Content]:
    return [Content.styled(line, style) for line in wrap(text, max(10, width))]
