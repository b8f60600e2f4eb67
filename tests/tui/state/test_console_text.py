"""Output of a script as lines: what carriage returns, cursor movements, colours and damaged sequences amount to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.state.console_text import MOST_CHARACTERS, MOST_LINES, ConsoleText, without_styles


def lines(*pieces: str) -> list[str]:
    console = ConsoleText()
    for piece in pieces:
        console.feed(piece)
    return console.newest(100)


def test_lines_are_kept_in_order_and_the_last_one_may_be_unfinished():
    assert lines("one\ntw", "o\nthree") == ["one", "two", "three"]
    assert lines("one\r\ntwo\n") == ["one", "two"]
    assert lines("one\n\n\ntwo\n") == ["one", "", "", "two"]


def test_a_carriage_return_replaces_the_line():
    assert lines("10%\r20%", "\r30%\ndone\n") == ["30%", "done"]
    assert lines("10%\r") == ["10%"]


def test_bars_below_one_another_are_replaced_in_place():
    outer, inner = "\router 1/2", "\n\rinner 3/9\x1b[A"
    assert lines(outer, inner, "\n\rinner 4/9\x1b[A", "\router 2/2", "\n\n") == ["outer 2/2", "inner 4/9"]


def test_colours_are_kept_and_other_sequences_are_removed():
    assert lines("\x1b[1;32mgreen\x1b[0m\x1b[?25l\x1b]0;title\x07 \x1b(Bplain") == ["\x1b[1;32mgreen\x1b[0m plain"]
    assert without_styles("\x1b[1;32mgreen\x1b[0m") == "green"


def test_an_escape_sequence_may_arrive_in_pieces():
    assert lines("a\x1b", "[3", "1mb\x1b]0;ti", "tle\x07c") == ["a\x1b[31mbc"]


def test_erasing_a_line_removes_its_text():
    assert lines("working …", "\r\x1b[K", "done") == ["done"]
    assert lines("working …", "\x1b[2K", "done") == ["done"]
    assert lines("a\nb\nc\x1b[2A\r\x1b[J", "d") == ["d"]


def test_control_characters_are_escaped_and_tabs_are_expanded():
    assert lines("a\x00b\x07\tc\x08d") == ["a\\x00b  d"]


def test_old_lines_and_long_lines_are_dropped():
    console = ConsoleText()
    console.feed("".join(f"{number}\n" for number in range(MOST_LINES + 500)))
    assert len(console) == MOST_LINES and console.newest(2) == [str(MOST_LINES + 498), str(MOST_LINES + 499)]
    assert len(console.newest(10_000)) == MOST_LINES - 1
    assert len(lines("x" * 10 * MOST_CHARACTERS)[0]) == MOST_CHARACTERS


def test_earlier_lines_stay_at_their_line_break_while_output_arrives():
    console = ConsoleText()
    console.feed("a\nb\nc\n")
    before = console.newest(2, end=2)
    console.feed("d\ne\n")
    assert before == console.newest(2, end=2) == ["a", "b"]


@given(st.lists(st.text(st.sampled_from("ab\r\n\t\b\x1b[];?0123AmKJ\x07é写"), max_size=60), max_size=8))
def test_no_output_is_an_error_and_pieces_do_not_matter(pieces: list[str]):
    shown = lines(*pieces)
    assert shown == lines("".join(pieces))
    assert all(without_styles(line).isprintable() for line in shown)
