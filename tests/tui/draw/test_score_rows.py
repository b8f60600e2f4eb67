"""The score of a drawing as text: it fits into every area, and states the verdict with its rate of false alarms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jem_tui.events.drawing import DrawingModel, DrawingScore, EnergyReference
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, PenPoint
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.score_pane import pane_rows, preparation
from jem_tui.tui.draw.score_rows import THRESHOLD, column_of, energy_rows, explanation, limits, nats, verdict
from tests.tui.draw.fake_drawings import reference


def score(energy: float = -1.0, classes: int = 10, moved: int = 0, best: int = 7) -> DrawingScore:
    chances = np.full(classes, 0.1 / classes, np.float32)
    chances[best % classes] = 0.9
    image = np.zeros((28, 28, 1), np.uint8)
    return DrawingScore(number=1, step=5, probabilities=chances, energy=energy, image=image, moved=moved)


def state(energy: float = -1.0, names: tuple[str, ...] = tuple("0123456789"), moved: int = 0) -> DrawingState:
    found = DrawingState()
    found.take(DrawingModel(shape=(28, 28, 1), class_names=names, paper=0, averaged=False))
    found.take(reference())
    found.take(score(energy, len(names), best=7))
    assert found.canvas is not None
    found.canvas.press(PenPoint(14, 14), 6, (255,))
    found.canvas.release()
    found._scored = found.canvas.revision
    if moved:
        found.take(score(energy - 1, len(names), moved=moved))
    return found


def text_of(found: DrawingState, width: int = 50, height: int = 30) -> str:
    return "\n".join(row.plain for row in pane_rows(found, width, height))


def flowing(found: DrawingState) -> str:
    """Return the text of the pane without its breaks of lines."""
    return " ".join(text_of(found).split())


@given(
    st.integers(1, 200),
    st.integers(1, 80),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([2, 3, 10, 100]),
    st.sampled_from([0, 1, 5000]),
)
def test_no_row_is_wider_than_the_pane(width, height, energy, classes, moved):
    found = state(energy, tuple(f"class 名{n}" for n in range(classes)), moved)
    for row in list(pane_rows(found, width, height))[:height]:
        # sentences of a narrow pane break at ten columns at the earliest
        assert cell_len(row.plain) <= max(width, 10)


@pytest.mark.parametrize(("width", "height"), [(50, 30), (46, 20), (26, 16), (62, 56)])
def test_verdict_class_and_rate_are_displayed_in_every_size(width, height):
    text = text_of(state(3.0), width, height)
    assert "class 7  90.0 %" in text
    assert ("out of distribution" if width > 26 else "OOD") in text
    assert "6.0 %" in text and "0.00" in text
    assert THRESHOLD in text and "drawing" in text


def test_the_verdict_depends_on_the_threshold_alone():
    assert "in distribution" in verdict(score(0.0), reference(0.0)).plain
    assert "out of distribution" in verdict(score(0.01), reference(0.0)).plain
    assert "out of distribution" in verdict(score(math.nan), reference(0.0)).plain
    assert "no energies" in verdict(score(), None).plain


def test_the_explanation_uses_as_many_words_as_fit():
    full, one = explanation(reference(), 60, 4), explanation(reference(), 60, 1)
    assert "95 % of 200 validation images" in " ".join(row.plain for row in full)
    assert "False alarms: 6.0 % of 300 test images are above it." in " ".join(row.plain for row in full)
    assert [row.plain for row in one] == ["Threshold 0.00, false alarms: 6.0 %."]
    assert explanation(reference(), 10, 1) == []


def test_all_ten_classes_fit_into_a_low_pane():
    text = text_of(state(), 46, 20)
    assert all(f"{digit} " in text for digit in range(10))


def test_a_drawing_off_the_centre_gets_an_honest_hint():
    found = state()
    assert found.canvas is not None
    assert "off the centre" not in text_of(found)
    found.canvas.clear()
    found.canvas.press(PenPoint(3, 3), 2, (255,))
    assert "m scores it enlarged (with thicker strokes) and centred." in flowing(found)
    found.centres = True
    text = flowing(found)
    assert (
        "The coloured image is scored: your drawing, enlarged (with thicker strokes) and centred as in MNIST." in text
    )
    assert "m scores it as drawn." in text


@pytest.mark.parametrize(
    ("length", "words"), [(26, "reduced and centred"), (17, "centred"), (13, "enlarged and centred")]
)
def test_the_preparation_names_what_happens_to_the_size(length, words):
    canvas = DrawingCanvas((28, 28, 1))
    canvas.press(PenPoint(14, 14 - length / 2), 1, (255,))
    canvas.move(PenPoint(14, 14 + length / 2), 1, (255,))
    assert preparation(canvas) == words


def test_an_empty_drawing_gets_no_verdict():
    found = state(3.0)
    assert found.canvas is not None
    found.canvas.clear()
    text = text_of(found)
    assert "Nothing drawn yet" in text and THRESHOLD in text and "valid" in text
    assert not any(word in text for word in ("class 7", "90.0 %", "out of distribution", "drawing ▸", "▲"))


def test_classes_without_room_are_counted():
    text = text_of(state(moved=3), 22, 20)
    assert "less likely" in text
    assert "less likely" not in text_of(state(), 46, 20)


def test_a_threshold_of_some_of_the_images_is_provisional():
    rows = explanation(replace(reference(), unfinished=True), 60, 4)
    assert "validation images so far" in " ".join(row.plain for row in rows)


@pytest.mark.parametrize(("width", "height"), [(46, 9), (46, 11), (46, 24), (22, 5), (100, 9)])
def test_the_histograms_are_always_named(width, height):
    rows = [row.plain for row in energy_rows(reference(), 0.0, width, height)]
    assert len(rows) <= height and all(word in "\n".join(rows) for word in ("chains", "train", "valid"))


def test_a_chain_has_a_curve_and_its_own_word():
    text = text_of(state(moved=3))
    assert "3 sampler steps  E(x) −1.00 → −2.00" in text
    assert "▲ chain" in text and "▲ drawing" not in text


def test_an_energy_far_from_the_data_is_an_arrow():
    assert "drawing ▸" in text_of(state(1e6))
    assert "◂ drawing" in text_of(state(-1e6))
    assert "not finite" in text_of(state(math.inf))


def test_a_reference_without_chains_is_displayed():
    found = state()
    known = reference()
    found.take(
        EnergyReference(
            step=1,
            train=known.train,
            held_out=known.held_out,
            chains=np.empty(0, np.float32),
            threshold=0.0,
            kept=0.95,
            false_positives=math.nan,
            tested=0,
        )
    )
    assert "chains" not in text_of(found)


@given(st.floats(-100, 100), st.floats(-1e9, 1e9))
def test_the_axis_holds_nearly_all_energies_and_a_column_for_every_drawing(centre, energy):
    values = np.random.default_rng(1).normal(centre, 1, 500).astype(np.float32)
    low, high = limits([values], energy)
    assert low < high and ((values > low) & (values < high)).mean() > 0.98
    assert 0 <= column_of(energy, low, high, 40) < 40


def test_energies_have_a_real_minus_sign():
    assert (nats(-1.5), nats(1e7)) == ("−1.50", "1.00e+07")


def test_the_pane_states_what_it_waits_for_before_the_first_score():
    assert "once the model is" in text_of(DrawingState(canvas=DrawingCanvas((2, 2, 1))))
