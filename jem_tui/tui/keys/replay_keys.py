"""Keys of a replay: speed, seek, and the list of runs."""

from __future__ import annotations

from textual.binding import Binding

from jem_tui.tui.keys.key import Focus, Key, Need, screen_key

SPEED = Binding.Group("speed", compact=True)
SEEK = Binding.Group("seek", compact=True)
MARK = Binding.Group("mark", compact=True)


def _key(*texts: str, need: Need = "seek", focus: Focus = "", group: Binding.Group | None = None) -> Key:
    """Return a key of the timeline; only the keys of a group are in the footer."""
    return screen_key("timeline", *texts, need=need, focus=focus, group=group, in_footer=group is not None)


KEYS: tuple[Key, ...] = (
    _key(
        "slower",
        "less_than_sign",
        "'speed', 0.5",
        "Halve speed",
        "Replay at half the speed.",
        need="speed",
        group=SPEED,
    ),
    _key(
        "faster",
        "greater_than_sign",
        "'speed', 2.0",
        "Double speed",
        "Replay at twice the speed.",
        need="speed",
        group=SPEED,
    ),
    _key(
        "recorded",
        "d",
        "'as_recorded'",
        "Play at recorded pace",
        "Replay at the recorded pace, with every pause in full.",
        need="speed",
    ),
    _key("back", "left", "'seek_by', -1", "Step back", "Seek back by one step.", group=SEEK),
    _key("forward", "right", "'seek_by', 1", "Step forward", "Seek ahead by one step.", group=SEEK),
    _key("back-ten", "shift+left", "'seek_by', -10", "Back 10 steps", "Seek back by ten steps."),
    _key("forward-ten", "shift+right", "'seek_by', 10", "Forward 10 steps", "Seek ahead by ten steps."),
    _key("start", "home", "'seek_start'", "Go to start", "Jump to the start of the recording."),
    _key("end", "end", "'seek_end'", "Go to end", "Jump to the end of the recording."),
    _key(
        "previous-mark",
        "M",
        "'seek_mark', False",
        "Go to previous mark",
        "Jump to the previous event mark.",
        group=MARK,
    ),
    _key("next-mark", "m", "'seek_mark', True", "Go to next mark", "Jump to the next event mark.", group=MARK),
    _key("go-to", "g", "'go_to'", "Go to step", "Jump to a step, or to a percentage of the recording such as 50%."),
    Key(
        id="attach",
        keys="A",
        action="of_app('attach')",
        label="Attach to run",
        tooltip="Leave the recording and attach to the run, which is live.",
        need="attach",
    ),
    _key("run-above", "up", "choose(-1)", "Previous run", "Choose the run above.", need="runs", focus="runs"),
    _key("run-below", "down", "choose(1)", "Next run", "Choose the run below.", need="runs", focus="runs"),
    _key(
        "run-toggle",
        "enter",
        "show_or_hide",
        "Show or hide run",
        "Show or hide the chosen run.",
        need="runs",
        focus="runs",
    ),
    _key(
        "run-only",
        "o",
        "show_only",
        "Show only this run",
        "Hide all but the chosen run, or show all again.",
        need="runs",
        focus="runs",
    ),
    _key(
        "run-filter",
        "slash",
        "filter_names",
        "Filter runs",
        "Show only runs whose names contain a text.",
        need="runs",
        focus="runs",
    ),
)
