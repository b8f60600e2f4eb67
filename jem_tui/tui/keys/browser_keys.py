"""Keys of the run browser and of the comparison of runs."""

from __future__ import annotations

from functools import partial

from jem_tui.tui.keys.key import Key, pane_key

_browser = partial(pane_key, "browser")
_shown = partial(_browser, in_footer=True)
_compare = partial(pane_key, "compare", in_footer=True)

KEYS: tuple[Key, ...] = (
    _shown("browser-open", "enter", "run('open')", "Open", "Open the run: attach to a live one, replay any other."),
    _shown("browser-mark", "space", "mark", "Mark", "Mark the run for a comparison or deletion, or remove its mark."),
    _shown(
        "browser-compare",
        "c",
        "compare",
        "Compare",
        "Compare the marked runs, or a single marked run with the selected one.",
    ),
    _shown("browser-evaluate", "e", "run('evaluate')", "Evaluate", "Run jem-tui eval and show what it prints."),
    _shown("browser-label", "t", "run('label')", "Tag", "Change the tags and the note of the run."),
    _shown("browser-resume", "r", "run('resume')", "Resume", "Continue the training run from its newest checkpoint."),
    _shown(
        "browser-filter",
        "slash",
        "filter",
        "Filter",
        "Show only runs with some words in their names, states, data, tags or notes.",
    ),
    _shown("browser-rename", "n", "run('rename')", "Rename", "Rename the folder of the run."),
    _shown(
        "browser-delete",
        "x,delete",
        "run('delete')",
        "Delete",
        "Delete the marked runs, or the selected one, after a confirmation that lists what is lost.",
    ),
    _shown("browser-sort", "s", "sort", "Sort", "Switch the order: newest, accuracy, steps, name, size."),
    _browser("browser-draw", "D", "run('draw')", "Draw image", "Draw an image that the model of the run scores."),
    _browser("browser-folder", "o", "run('open_folder')", "Open folder", "Open the run folder in the file manager."),
    _browser("browser-copy", "y", "run('copy_path')", "Copy path", "Copy the path of the run folder to the clipboard."),
    _browser("browser-preview", "p", "toggle_preview", "Toggle preview", "Show or hide the preview."),
    _browser("browser-clear", "escape", "clear", "Clear filter", "Clear the filter, then all marks."),
    _browser("browser-up", "up,k", "move(-1)", "Previous run", "Select the run above."),
    _browser("browser-down", "down,j", "move(1)", "Next run", "Select the run below."),
    _browser("browser-page-up", "pageup", "page(-1)", "Page up", "Select a run one page above."),
    _browser("browser-page-down", "pagedown", "page(1)", "Page down", "Select a run one page below."),
    _browser("browser-first", "home,g", "move(-1000000000)", "Go to first run", "Select the first run."),
    _browser("browser-last", "end,G", "move(1000000000)", "Go to last run", "Select the last run."),
    _browser(
        "browser-theme",
        "T",
        "app.next_theme",
        "Switch theme",
        "Switch the theme: dark, light, high contrast, colour-blind-safe.",
    ),
    _shown(
        "browser-help", "question_mark,f1", "show_help", "Show help", "Explain the keys and the columns of the table."
    ),
    _shown("browser-quit", "q", "app.quit", "Quit", "Leave the browser; live runs continue."),
)
COMPARISON: tuple[Key, ...] = (
    _compare("compare-replay", "enter", "replay", "Replay together", "Replay the runs together."),
    _compare(
        "compare-switch", "tab", "switch", "Switch view", "Switch between tables and curves on a narrow terminal."
    ),
    _compare("compare-copy", "y", "copy", "Copy as Markdown", "Copy the tables as Markdown."),
    pane_key(
        "compare",
        "compare-theme",
        "T",
        "app.next_theme",
        "Switch theme",
        "Switch the theme: dark, light, high contrast, colour-blind-safe.",
    ),
    _compare("compare-help", "question_mark,f1", "show_help", "Show help", "Explain the keys and the tables."),
    _compare("compare-close", "escape,q", "close", "Close", "Close the comparison."),
)
