"""Events against the JSON schema of the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError

from jem_tui.events.run import Event
from jem_tui.events.serialize import to_plain
from tests.stream.random_events import RECORDED
from tests.stream.stream_events import started, step_done

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "events.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_schema_is_valid():
    Draft202012Validator.check_schema(SCHEMA)


@settings(max_examples=100, deadline=None)
@given(RECORDED)
def test_every_recordable_event_conforms_to_the_schema(event: Event):
    VALIDATOR.validate(json.loads(json.dumps(to_plain(event))))


@pytest.mark.parametrize(
    "change",
    [{"step": "1"}, {"event": "StepDon"}, {"epoch": None}, {"unknown": 1}, {"metrics": {"JEM/xe": "nan"}}],
    ids=str,
)
def test_a_changed_line_does_not_conform(change: dict[str, object]):
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**to_plain(step_done(1)), **change})


def test_a_start_without_abilities_does_not_conform():
    line = to_plain(started())
    del line["abilities"]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(line)
