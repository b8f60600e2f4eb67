"""The keys of the browser, from which its footer, its help and its palette are made."""

from __future__ import annotations

from textual.binding import Binding

OPEN = Binding(
    "enter", "run('open')", "Open", id="browser-open", tooltip="Open the run: attach to a live one, replay any other."
)
KEYS: tuple[Binding, ...] = (
    OPEN,
    Binding(
        "space",
        "mark",
        "Mark",
        id="browser-mark",
        tooltip="Mark the run for a comparison or deletion, or remove its mark.",
    ),
    Binding("c", "compare", "Compare", id="browser-compare", tooltip="Compare the marked runs and the selected one."),
    Binding(
        "e", "run('evaluate')", "Evaluate", id="browser-evaluate", tooltip="Run jem-tui eval and show what it prints."
    ),
    Binding(
        "r",
        "run('resume')",
        "Resume",
        id="browser-resume",
        tooltip="Continue the training run from its newest checkpoint.",
    ),
    Binding(
        "slash",
        "filter",
        "Filter",
        key_display="/",
        id="browser-filter",
        tooltip="Show only runs with some words in their names, states, data, tags or notes.",
    ),
    Binding("t", "run('label')", "Tag", id="browser-label", tooltip="Change the tags and the note of the run."),
    Binding("n", "run('rename')", "Rename", id="browser-rename", tooltip="Rename the folder of the run."),
    Binding(
        "x,delete",
        "run('delete')",
        "Delete",
        id="browser-delete",
        tooltip="Delete the marked runs, or the selected one, after a confirmation that lists what is lost.",
    ),
    Binding("s", "sort", "Sort", id="browser-sort", tooltip="Switch the order: newest, accuracy, steps, name, size."),
    Binding(
        "o",
        "run('open_folder')",
        "Open folder",
        id="browser-folder",
        tooltip="Open the run folder in the file manager.",
        show=False,
    ),
    Binding(
        "y",
        "run('copy_path')",
        "Copy path",
        id="browser-copy",
        tooltip="Copy the path of the run folder to the clipboard.",
        show=False,
    ),
    Binding("p", "toggle_preview", "Preview", id="browser-preview", tooltip="Show or hide the preview.", show=False),
    Binding("escape", "clear", "Clear", id="browser-clear", tooltip="Clear the filter, then all marks.", show=False),
    Binding("up,k", "move(-1)", "Up", id="browser-up", tooltip="Select the run above.", show=False),
    Binding("down,j", "move(1)", "Down", id="browser-down", tooltip="Select the run below.", show=False),
    Binding("pageup", "page(-1)", "Page up", id="browser-page-up", tooltip="Select a run one page above.", show=False),
    Binding(
        "pagedown", "page(1)", "Page down", id="browser-page-down", tooltip="Select a run one page below.", show=False
    ),
    Binding(
        "home,g", "move(-1000000000)", "First run", id="browser-first", tooltip="Select the first run.", show=False
    ),
    Binding("end,G", "move(1000000000)", "Last run", id="browser-last", tooltip="Select the last run.", show=False),
    Binding("T", "app.next_theme", "Next theme", id="browser-theme", tooltip="Switch the theme.", show=False),
    Binding("question_mark,f1", "help", "Help", key_display="?", id="help", tooltip="Explain the keys."),
    Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave the browser; live runs continue."),
)
