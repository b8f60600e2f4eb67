"""The requests of the draw screen, and what it displays after their answers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.drawing import DrawingFailure, DrawingProgress, DrawingRequest
from jem_tui.tui.draw.drawing_canvas import PenPoint
from jem_tui.tui.draw.drawing_state import PACES, DrawingState
from tests.tui.draw.fake_drawings import FakeDrawings, reference


def served(state: DrawingState, drawings: FakeDrawings) -> DrawingRequest | None:
    """Answer the request that is due, and return it."""
    request = state.next_request()
    if request is not None:
        answer = drawings.model if request.number == 0 else drawings.score(request)
        assert answer is not None
        state.take(answer)
    return request


def opened() -> tuple[DrawingState, FakeDrawings]:
    state, drawings = DrawingState(), FakeDrawings()
    assert served(state, drawings) is not None and state.canvas is not None
    assert served(state, drawings) is not None
    return state, drawings


def dot(state: DrawingState, x: float = 9.0) -> None:
    assert state.canvas is not None
    state.canvas.press(PenPoint(x, 9), 2, (255,))
    state.canvas.release()


def test_only_one_request_is_with_the_scorer():
    state = DrawingState()
    assert state.next_request() is not None
    assert state.next_request() is None


def test_a_drawing_is_scored_once_for_each_change():
    state, drawings = opened()
    assert served(state, drawings) is None
    dot(state)
    request = served(state, drawings)
    assert request is not None and state.canvas is not None
    assert np.array_equal(request.pixels, state.canvas.pixels)
    assert served(state, drawings) is None
    state.canvas.undo()
    request = served(state, drawings)
    assert request is not None and request.pixels is not None and not request.pixels.any()


def test_a_request_keeps_its_pixels_while_the_user_draws_on():
    state, _ = opened()
    dot(state)
    request = state.next_request()
    assert request is not None and request.pixels is not None
    before = request.pixels.copy()
    dot(state, 20)
    assert np.array_equal(request.pixels, before)


def test_the_chain_runs_steps_and_is_restored():
    state, drawings = opened()
    state.run_or_stop()
    for count in (1, 2, 3):
        request = served(state, drawings)
        assert request is not None and request.steps == state.pace
        assert state.moved == count * state.pace and state.chain is not None
    state.step()
    request = served(state, drawings)
    assert request is not None and request.steps == 1 and not state.running
    assert served(state, drawings) is None
    assert list(state.energies) == [0, 2, 4, 6, 7]
    state.restore()
    assert state.chain is None
    request = served(state, drawings)
    assert request is not None and request.pixels is not None and list(state.energies) == [0]


def test_drawing_on_a_chain_makes_its_state_the_drawing():
    state, drawings = opened()
    state.run_or_stop()
    served(state, drawings)
    waiting = state.next_request()
    state.keep_chain()
    assert state.canvas is not None and (state.canvas.pixels == state.pace).all() and not state.running
    dot(state)
    drawn = state.canvas.pixels.copy()
    # the answer of the step that was under way arrives late, and must not replace the strokes
    assert waiting is not None
    late = drawings.score(waiting)
    assert late is not None
    state.take(late)
    assert state.chain is None
    state.keep_chain()
    assert np.array_equal(state.canvas.pixels, drawn)
    request = served(state, drawings)
    assert request is not None and np.array_equal(request.pixels, drawn)
    assert state.canvas.undo() and state.canvas.undo() and state.canvas.is_blank


def test_centring_sends_the_centred_drawing_and_leaves_the_drawing():
    state, drawings = opened()
    dot(state, 4)
    served(state, drawings)
    state.toggle_centring()
    request = served(state, drawings)
    assert request is not None and request.pixels is not None and state.canvas is not None
    assert not np.array_equal(request.pixels, state.canvas.pixels)
    state.toggle_centring()
    request = served(state, drawings)
    assert request is not None and np.array_equal(request.pixels, state.canvas.pixels)


def test_drawings_in_colour_are_not_centred():
    state, drawings = DrawingState(), FakeDrawings((32, 32, 3))
    served(state, drawings)
    assert not state.toggle_centring() and not state.centres


def test_a_failure_stops_the_chain_and_the_next_drawing_is_scored():
    state, drawings = opened()
    state.run_or_stop()
    assert state.next_request() is not None
    state.take(DrawingFailure(text="Out of memory."))
    assert state.failure and not state.running and state.next_request() is None
    dot(state)
    assert served(state, drawings) is not None and not state.failure


def test_a_final_failure_ends_all_requests_until_there_is_another_scorer():
    state, drawings = opened()
    state.take(DrawingFailure(text="The run has ended.", final=True))
    dot(state)
    assert state.next_request() is None
    state.forget_scorer()
    assert state.canvas is not None and not state.canvas.is_blank, "the drawing stays"
    request = served(state, drawings)
    assert request is not None and request.number == 0
    request = served(state, drawings)
    assert request is not None and request.pixels is not None and request.pixels.any()


def test_classes_are_chosen_by_number_and_in_turn():
    state, _ = opened()
    state.choose_label(3)
    assert state.label == 3
    state.choose_label(3)
    assert state.label is None
    state.choose_label(40)
    assert state.label is None
    labels = []
    for _ in range(12):
        state.next_label()
        labels.append(state.label)
    assert labels == [*range(10), None, 0]


def test_the_pace_stays_within_its_range():
    state = DrawingState()
    for _ in range(10):
        state.change_pace(1)
    assert state.pace == PACES[-1]
    for _ in range(10):
        state.change_pace(-1)
    assert state.pace == PACES[0]


ACTIONS = (
    "dot",
    "undo",
    "redo",
    "clear",
    "run",
    "step",
    "restore",
    "keep",
    "centre",
    "serve",
    "serve",
    "serve",
    "fail",
)


@given(st.lists(st.sampled_from(ACTIONS), max_size=40))
def test_the_last_drawing_is_scored_after_any_actions(actions):
    state, drawings = opened()
    assert state.canvas is not None
    state.take(DrawingProgress(text="loading"))
    state.take(reference())
    for number, action in enumerate(actions):
        match action:
            case "dot":
                state.keep_chain()
                dot(state, number % 28)
            case "undo" | "redo" | "clear":
                state.restore()
                getattr(state.canvas, action)()
            case "run":
                state.run_or_stop()
            case "step":
                state.step()
            case "restore":
                state.restore()
            case "keep":
                state.keep_chain()
            case "centre":
                state.toggle_centring()
            case "serve":
                served(state, drawings)
            case "fail":
                if state.next_request() is not None:
                    state.take(DrawingFailure(text="x"))
        assert state.moved >= 0 and (state.chain is None) == (state.moved == 0)
    state.restore()
    state.centres = False
    while served(state, drawings) is not None:
        pass
    assert state.score is not None and np.array_equal(state.score.image, state.canvas.pixels)
