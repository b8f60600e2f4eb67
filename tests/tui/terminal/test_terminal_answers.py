"""Answers of the terminal that arrive after their query has timed out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events, messages
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver

from jem_tui.tui.terminal import posix_driver
from jem_tui.tui.terminal.terminal_answers import AnswerSafeParser

ANSWERS = ("\x1b[?62c", "\x1b[?62;4;22c", "\x1b[>41;354;0c", "\x1b[?1u", "\x1b[6;18;9t", "\x1b_Gi=1;OK\x1b\\")


def keys(parser: XTermParser, data: str) -> list[str]:
    return [event.key for event in parser.feed(data) if isinstance(event, events.Key)]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_presses_no_key_and_hides_none(answer):
    assert keys(AnswerSafeParser(), f"a{answer}b") == ["a", "b"]


def test_an_answer_in_two_pieces_presses_no_key():
    parser = AnswerSafeParser()
    assert keys(parser, "\x1b[?6") + keys(parser, "2cq") == ["q"]


def test_an_answer_alone_does_not_end_the_input():
    parser = AnswerSafeParser()
    assert keys(parser, ANSWERS[-1]) + keys(parser, "q") == ["q"]


@given(st.text(st.sampled_from("ab?[<;1\t\r" + "é"), max_size=12))
def test_what_is_typed_arrives_as_before(text):
    assert keys(AnswerSafeParser(), text) == keys(XTermParser(), text)


@pytest.mark.parametrize("sequence", ["\x1b[A", "\x1b[1;2C", "\x1bOP", "\x1b[15~", "\x1b[Z", "\x1b[97;5u"])
def test_keys_with_sequences_arrive_as_before(sequence):
    assert keys(AnswerSafeParser(), sequence) == keys(XTermParser(), sequence) != []


def test_modes_and_clicks_arrive_as_before():
    found = list(AnswerSafeParser().feed("\x1b[?2026;2$y\x1b[<0;3;4M"))
    assert isinstance(found[0], messages.TerminalSupportsSynchronizedOutput) and isinstance(found[1], events.MouseDown)


def test_the_driver_uses_this_parser():
    assert issubclass(posix_driver.HangupSafeDriver, linux_driver.LinuxDriver)
    assert linux_driver.XTermParser is AnswerSafeParser
