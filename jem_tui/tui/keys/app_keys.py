"""Keys that always work: quit, help, panes, theme; and the keys of panes that scroll."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual.binding import Binding

from jem_tui.tui.keys.key import Focus, Key, Need, pane_key

SCROLL = Binding.Group("scroll", compact=True)
PAGE = Binding.Group("page")

QUIT = Key(
    id="quit",
    keys="q",
    action="app.quit",
    label="Quit",
    tooltip="Quit; during training, choose between saving, quitting without saving, and continuing.",
)
LEAVE = replace(QUIT, tooltip="Quit.")
"""`QUIT` while no progress can be lost."""
BACK = replace(QUIT, label="Back", tooltip="Return to the run browser.")
"""`QUIT` in a run that was opened from the browser, while no progress can be lost."""
DETACH = replace(QUIT, label="Detach", tooltip="Detach from the run, which continues.")
"""`QUIT` in a viewer that cannot stop the run."""
DETACH_OR_STOP = replace(
    QUIT, label="Leave", tooltip="Choose between detaching, stopping the run with a checkpoint, and staying."
)
"""`QUIT` in a viewer."""


def _pane(number: int, name: str, tooltip: str, need: Need | None = None) -> Key:
    return Key(
        id=f"pane-{name}",
        keys=str(number),
        action=f"workspace('pane', '{name}')",
        label=f"Toggle {name}",
        tooltip=tooltip,
        need=need,
        in_footer=False,
    )


def _scrolled(focus: Focus, name: str, keys: str, *texts: str, need: Need | None = None) -> Key:
    """Return a key of a pane that scrolls."""
    group = SCROLL if keys in ("up", "down") else PAGE if keys in ("pageup", "pagedown") else None
    return pane_key(focus, name, keys, *texts, need=need, group=group)


_distributions = partial(_scrolled, "distributions")
_notes = partial(_scrolled, "notes")
_console = partial(_scrolled, "console", need="console")
_ranks = partial(_scrolled, "ranks", need="ranks")


def _tour(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(
        id=name, keys=keys, action=f"tour('{action}')", label=label, tooltip=tooltip, in_footer=False, focus="tour"
    )


def _frame(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(id=name, keys=keys, action=action, label=label, tooltip=tooltip, in_footer=False)


KEYS: tuple[Key, ...] = (
    _pane(1, "curves", "Show or hide the curves; on a narrow terminal, switch to a tab."),
    _pane(2, "samples", "Show or hide the samples."),
    _pane(3, "distributions", "Show or hide the histograms of energies, the reliability diagram and the OOD scores."),
    _pane(4, "notes", "Show or hide the notes."),
    _pane(5, "chain", "Show or hide the chosen chain."),
    _pane(6, "console", "Show or hide the output of the watched script.", "console"),
    _pane(7, "ranks", "Show or hide the states of the ranks.", "ranks"),
    _pane(
        8, "sampler", "Show or hide the diagnostics of the sampler: R-hat, effective sample size and others.", "sampler"
    ),
    _frame(
        "next-pane",
        "tab",
        "workspace('next', 1)",
        "Focus next pane",
        "Move the focus to the next pane, whose own keys then work.",
    ),
    _frame(
        "previous-pane",
        "shift+tab",
        "workspace('next', -1)",
        "Focus previous pane",
        "Move the focus to the previous pane.",
    ),
    _frame("release", "escape", "release", "Clear focus", "Remove the focus from the panes."),
    _frame(
        "narrower",
        "left_curly_bracket",
        "workspace('widen', -1)",
        "Narrow left column",
        "Make the left column narrower; dragging the line between the columns works as well.",
    ),
    _frame("wider", "right_curly_bracket", "workspace('widen', 1)", "Widen left column", "Make the left column wider."),
    _frame("reset-layout", "0", "workspace('reset')", "Reset layout", "Restore the default panes and widths."),
    _frame(
        "theme",
        "T",
        "app.next_theme",
        "Switch theme",
        "Switch the theme: dark, light, high contrast, colour-blind-safe.",
    ),
    _frame(
        "screenshot",
        "S",
        "app.save_screenshot",
        "Save SVG",
        "Save any screen as an SVG file in the run folder, or without a run in the current folder.",
    ),
    _frame(
        "png",
        "P",
        "app.save_png",
        "Save PNG",
        "Save any screen as a PNG file in the run folder, or without a run in the current folder.",
    ),
    _frame(
        "copy",
        "Y",
        "app.copy",
        "Copy values",
        "Copy the values of the focused pane as a table (the curves at the cursor), or without a focus the path of the run; "
        "on another screen its values, such as the scores of the summary.",
    ),
    Key(
        id="summary",
        keys="E",
        action="of_app('show_summary')",
        label="Show summary",
        tooltip="Show the summary of the run, with the commands that follow.",
        need="summary",
    ),
    Key(
        id="keys",
        keys="h",
        action="show_keys",
        label="List keys",
        tooltip="List the keys that work now, until the next key; those of the focused pane come first.",
    ),
    Key(
        id="tour",
        keys="f2",
        action="tour('start')",
        label="Take tour",
        tooltip="Explain the screen in five steps, with a key to try in each; press again to start over.",
        need="tour",
        in_footer=False,
    ),
    _tour("tour-next", "enter", "next", "Next step", "Continue with the next step of the tour."),
    _tour("tour-back", "backspace", "back", "Previous step", "Return to the previous step of the tour."),
    _tour("tour-end", "escape", "end", "End tour", "End the tour at any step."),
    Key(
        id="help",
        keys="question_mark,f1",
        action="show_help",
        label="Show help",
        tooltip="Explain the keys, the display, JEM and its symbols, next to the run, with a search.",
    ),
    QUIT,
    _distributions("histograms-up", "up", "scroll(-1)", "Scroll up", "Scroll to the histograms above."),
    _distributions("histograms-down", "down", "scroll(1)", "Scroll down", "Scroll to the histograms below."),
    _notes("notes-older", "up", "scroll(1)", "Scroll up", "Scroll to older notes."),
    _notes("notes-newer", "down", "scroll(-1)", "Scroll down", "Scroll to newer notes."),
    _notes("notes-oldest", "pageup", "scroll(10)", "Scroll up 10", "Scroll back by ten notes."),
    _notes("notes-page", "pagedown", "scroll(-10)", "Scroll down 10", "Scroll ahead by ten notes."),
    _notes("notes-newest", "end", "newest", "Follow latest", "Follow the newest note again."),
    _console("console-older", "up", "scroll_output(1)", "Scroll up", "Scroll to older output."),
    _console("console-newer", "down", "scroll_output(-1)", "Scroll down", "Scroll to newer output."),
    _console("console-page-up", "pageup", "scroll_output(10)", "Scroll up 10", "Scroll back by ten lines."),
    _console("console-page-down", "pagedown", "scroll_output(-10)", "Scroll down 10", "Scroll ahead by ten lines."),
    _console("console-newest", "end", "newest_output", "Follow latest", "Follow the newest output again."),
    _ranks("ranks-up", "up", "scroll_ranks(-1)", "Scroll up", "Scroll to the ranks above."),
    _ranks("ranks-down", "down", "scroll_ranks(1)", "Scroll down", "Scroll to the ranks below."),
    _ranks("ranks-page-up", "pageup", "scroll_ranks(-10)", "Scroll up 10", "Scroll up by ten ranks."),
    _ranks("ranks-page-down", "pagedown", "scroll_ranks(10)", "Scroll down 10", "Scroll down by ten ranks."),
    _ranks("ranks-first", "home", "first_rank", "Go to first rank", "Scroll to the first ranks."),
    _ranks("ranks-order", "o", "order_ranks", "Change order", "Sort by rank, or the slowest rank first."),
)
