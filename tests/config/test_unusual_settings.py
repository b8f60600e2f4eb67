"""Warnings about settings far outside the range in which training works."""

from __future__ import annotations

import pytest

from jem_tui.cli.train import choose_output
from jem_tui.config.load import make_config
from jem_tui.config.presets import PRESETS
from jem_tui.config.unusual_settings import unusual_settings
from jem_tui.events.run import Event, Note, RunStarted
from jem_tui.stream.inject_events import inject_warnings
from tests.stream.stream_events import started, step_done


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_and_the_range_of_the_keys_have_no_warning(preset):
    config = make_config(preset)
    assert list(unusual_settings(config)) == []
    assert (
        list(unusual_settings(make_config(preset, None, [f"optimizer.rate={config.optimizer.rate * 1.25**16}"]))) == []
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["optimizer.rate=50"], "optimizer.rate is 50: "),
        (["optimizer.rate=0.01", "optimizer.weight_decay=100"], "optimizer.rate times optimizer.weight_decay is 1: "),
        (["sgld.noise_scale=2"], "sgld.noise_scale is 2: "),
    ],
)
def test_a_setting_that_cannot_work_is_one_sentence_with_a_usual_value(words, named):
    (sentence,) = unusual_settings(make_config("", None, words))
    assert sentence.startswith(named) and "Try -s " in sentence


def test_noise_of_samplers_with_a_correction_and_of_plain_classifiers_is_not_judged():
    for words in (["sgld.sampler=mala", "sgld.noise_scale=2"], ["sgld.steps=0", "sgld.noise_scale=2"]):
        assert list(unusual_settings(make_config("", None, words))) == []


@pytest.mark.parametrize("json_lines", [False, True])
def test_without_the_screen_warnings_are_on_stderr_alone(capsys, json_lines):
    choose_output(True, json_lines, "label", ("the rate is large.",))
    printed = capsys.readouterr()
    assert printed.err == "jem-tui: Warning: the rate is large.\n" and printed.out == ""


def test_on_the_screen_each_warning_is_one_note_after_the_start():
    class Source:
        def events(self):
            yield from (started(), step_done(1), started(), step_done(2))

        def apply(self, command):
            return ()

    source = inject_warnings(lambda report: Source(), ["first", "second"])(lambda *arguments: None)
    events: list[Event] = list(source.events())
    assert isinstance(events[0], RunStarted)
    assert [event.text for event in events[1:3] if isinstance(event, Note) and event.kind == "warning"] == [
        "first",
        "second",
    ]
    assert sum(isinstance(event, Note) for event in events) == 2
