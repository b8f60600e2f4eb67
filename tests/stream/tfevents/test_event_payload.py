"""The quick encoding of steps against the general one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jem_tui.events.run import Event, StepDone
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.event_payload import payload_of
from tests.stream.random_events import RECORDED
from tests.stream.stream_events import step_done

_numbers = st.one_of(st.floats(width=32), st.floats(), st.integers(-(1 << 62), 1 << 62), st.booleans())
_counts = st.one_of(st.integers(-1, 300), st.integers(-(1 << 62), 1 << 62))
STEPS = st.builds(
    StepDone,
    step=_counts,
    images=_counts,
    time=st.floats(),
    epoch=_counts,
    metrics=st.dictionaries(st.text(max_size=20) | st.text(min_size=120, max_size=140), _numbers, max_size=6),
)


def general(event: Event) -> bytes:
    return codec.encode(event).SerializeToString()


def outcome(encode: Any, event: Event) -> bytes | type[Exception]:
    """Return the bytes, or the type of the exception."""
    try:
        return encode(event)
    except Exception as error:
        return type(error)


@given(STEPS)
@example(step_done(1, metrics={}))
@example(step_done(1, metrics={"": 1.0, "loss": 2.0}))
@example(step_done(1, metrics={"loss": 1e300}))
@example(step_done(1, metrics={"\ud800": 1.0}))
@example(step_done(1, metrics={f"metric/{number}": 0.0 for number in range(300)}))
@example(step_done(1, time=0.0))
@example(step_done(1, time=-0.0))
@example(step_done(0, 1.0, images=0))
@example(step_done(1, images=(1 << 63) - 1))
def test_the_bytes_of_a_step_are_those_of_the_message(event: StepDone):
    assert outcome(payload_of, event) == outcome(general, event)


@given(RECORDED)
def test_the_bytes_of_any_event_are_those_of_its_message(event: Event):
    assert payload_of(event) == general(event)


@pytest.mark.parametrize("value", [None, "1", [1.0]], ids=repr)
def test_a_metric_that_is_no_number_is_treated_alike(value: object):
    event = step_done(1, metrics={"loss": value})
    assert outcome(payload_of, event) == outcome(general, event)
