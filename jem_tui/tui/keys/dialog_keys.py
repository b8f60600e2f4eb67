"""Keys of the help, of the summary and of dialogs."""

from __future__ import annotations

from functools import partial

from textual.binding import Binding

from jem_tui.tui.keys.key import Key, pane_key

PAGE = Binding.Group("page", compact=True)
SCROLL = Binding.Group("scroll", compact=True)

_help = partial(pane_key, "help")
_summary = partial(pane_key, "summary")
_settings = partial(pane_key, "settings")
_quit = partial(pane_key, "quit")
_deletion = partial(pane_key, "deletion")
_fields = partial(pane_key, "fields")
_filter = partial(pane_key, "filter")
_choices = partial(pane_key, "choices")

HELP: tuple[Key, ...] = (
    _help("help-close", "escape,q,question_mark,f1", "close", "Close", "Close the help.", in_footer=True),
    _help("help-before", "left,shift+tab", "switch_page(-1)", "Previous page", "Open the previous page.", group=PAGE),
    _help("help-after", "right,tab", "switch_page(1)", "Next page", "Open the next page.", group=PAGE),
    _help("help-search", "slash", "search", "Search", "Search all pages.", in_footer=True),
    _help("help-up", "up", "scroll_rows(-1)", "Scroll up", "Scroll up by a row.", group=SCROLL),
    _help("help-down", "down", "scroll_rows(1)", "Scroll down", "Scroll down by a row.", group=SCROLL),
    _help("help-page-up", "pageup", "scroll_rows(-10)", "Scroll up 10", "Scroll up by ten rows."),
    _help("help-page-down", "pagedown", "scroll_rows(10)", "Scroll down 10", "Scroll down by ten rows."),
    _help("help-top", "home", "scroll_rows(-10000)", "Go to top", "Scroll to the start of the page."),
    _help("help-bottom", "end", "scroll_rows(10000)", "Go to bottom", "Scroll to the end of the page."),
)
SUMMARY: tuple[Key, ...] = (
    _summary("summary-close", "escape,E", "dismiss", "Close", "Close the summary."),
    _summary("summary-quit", "q", "app.quit", "Quit", "Close the summary and the screen of the run."),
    _summary("summary-help", "question_mark,f1", "show_help", "Show help", "Explain the keys and the summary."),
    _summary("summary-up", "pageup", "read(-1)", "Scroll up", "Scroll to the scores above."),
    _summary("summary-down", "pagedown", "read(1)", "Scroll down", "Scroll to the scores below."),
)
DIALOGS: tuple[Key, ...] = (
    _choices("choice-up", "up", "cursor_up", "Previous choice", "Highlight the choice above."),
    _choices("choice-down", "down", "cursor_down", "Next choice", "Highlight the choice below."),
    _choices("choice-first", "home", "first", "Go to first choice", "Highlight the first choice."),
    _choices("choice-last", "end", "last", "Go to last choice", "Highlight the last choice."),
    _choices("choice-take", "enter", "select", "Choose", "Take the highlighted choice."),
    _quit("quit-save", "s", "choose('save')", "Stop and save", "Stop after this step and save a checkpoint."),
    _quit("quit-now", "x", "choose('now')", "Quit without saving", "Quit at once, without a checkpoint."),
    _quit("quit-detach", "d", "choose('detach')", "Detach", "Exit; the run continues."),
    _quit("quit-cancel", "escape", "choose('cancel')", "Stay", "Stay on the screen of the run."),
    _quit("quit-next", "tab", "move('down')", "Next choice", "Highlight the choice below."),
    _quit("quit-previous", "shift+tab", "move('up')", "Previous choice", "Highlight the choice above."),
    _settings("settings-close", "escape,q,V", "dismiss", "Close", "Close the settings."),
    _settings("settings-less", "left,minus", "adjust(-1)", "Decrease setting", "Decrease the chosen setting."),
    _settings("settings-more", "right,plus", "adjust(1)", "Increase setting", "Increase the chosen setting."),
    _deletion("deletion-trash", "t", "choose('trash')", "Move to trash", "Move the runs to the trash."),
    _deletion(
        "deletion-final", "x", "choose('final')", "Delete for good", "Delete the run once its name has been typed."
    ),
    _deletion("deletion-cancel", "escape", "choose('')", "Cancel", "Change nothing."),
    pane_key("failure", "failure-close", "escape,enter,q", "dismiss", "Close", "Close the message."),
    pane_key("output", "output-close", "escape,q", "close", "Close", "Stop the command and close its output."),
    _fields("fields-cancel", "escape", "cancel", "Cancel", "Close without a change."),
    _fields("fields-next", "down", "app.focus_next", "Next field", "Move to the next field."),
    _fields("fields-previous", "up", "app.focus_previous", "Previous field", "Move to the previous field."),
    _filter(
        "filter-leave",
        "enter,down",
        "submit",
        "Keep filter",
        "Keep the text and move the focus to its matches.",
        in_footer=True,
    ),
    _filter(
        "filter-clear", "escape", "clear", "Clear filter", "Clear the text and show everything again.", in_footer=True
    ),
)
