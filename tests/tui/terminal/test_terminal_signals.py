"""Sequences for title, taskbar and notifications, and the terminals that understand them."""

from __future__ import annotations

import pytest

from jem_tui.tui.terminal.terminal_signals import TerminalSignals, find_signals, title_sequence


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "linux"}, TerminalSignals()),
        ({"TERM": "dumb"}, TerminalSignals()),
        ({}, TerminalSignals()),
        ({"TERM": "xterm-256color"}, TerminalSignals(title=True)),
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, TerminalSignals(title=True, taskbar=True)),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7900"}, TerminalSignals(True, True, "777")),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, TerminalSignals(True, False, "777")),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, TerminalSignals(True, False, "9")),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, TerminalSignals(True, True, "9")),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, TerminalSignals(True, False, "9")),
        ({"TERM": "foot"}, TerminalSignals(True, False, "777")),
        ({"TERM": "screen", "STY": "1.pts"}, TerminalSignals()),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "TERM_PROGRAM": "tmux"}, TerminalSignals(title=True, tmux=True)),
        ({"TERM": "screen", "TMUX": "/tmp/x", "LC_TERMINAL": "iTerm2"}, TerminalSignals(True, False, "9", tmux=True)),
    ],
)
def test_a_terminal_gets_only_what_it_is_known_to_understand(environ, expected):
    assert find_signals(environ) == expected


def test_text_cannot_end_a_sequence():
    assert title_sequence("a\x1b]0;b\ac") == "\x1b]2;a\\x1b]0;b\\x07c\a"
    assert TerminalSignals(notification="777").announced("a;b", "c\a", forced=False) == "\x1b]777;notify;a,b;c\\x07\a"
    assert len(title_sequence("x" * 10_000)) < 300


def test_an_unknown_terminal_gets_a_notification_only_on_demand():
    assert TerminalSignals().announced("a", "b", forced=False) == ""
    assert TerminalSignals().announced("a", "b", forced=True) == "\x1b]9;a: b\a"


def test_tmux_passes_wrapped_sequences_on():
    assert TerminalSignals(tmux=True).progress(1, 42) == "\x1bPtmux;\x1b\x1b]9;4;1;42\a\x1b\\"
