"""The actions of the browser on one run: to open it, and the dialogs that change, continue or measure it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.tui.browser.browser_choice import DrawImage, OpenRuns, ResumeRun
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.keys.remap import keyboard_of

if TYPE_CHECKING:
    from jem_tui.stream.runs.followed_catalog import CatalogRun


class RunActions:
    """Actions that a screen offers, each on the selected run, or on several to compare them."""

    def __init__(self, screen: Screen[None], state: BrowserState) -> None:
        self._screen = screen
        self._state = state

    def open(self, run: CatalogRun) -> None:
        """Leave the browser and open a run."""
        self._screen.app.exit(OpenRuns((run.path,)))

    def compare(self, paths: Sequence[Path]) -> None:
        """Compare runs on a screen of their own, which closes if fewer than two of them can be read."""
        from jem_tui.tui.browser.comparison.compare_screen import CompareScreen

        self._screen.app.push_screen(CompareScreen(paths))

    def copy_path(self, run: CatalogRun) -> None:
        """Copy the path of the run folder."""
        path = str(run.path.absolute())
        self._screen.app.copy_to_clipboard(path)
        self._screen.notify(f"Copied {printable(path)}", markup=False)

    def open_folder(self, run: CatalogRun) -> None:
        """Open the run folder in the file manager."""
        from jem_tui.tui.browser.file_manager import open_in_file_manager

        self._attempt(partial(open_in_file_manager, run.path))

    def rename(self, run: CatalogRun) -> None:
        """Ask for a new name of the run folder."""
        from jem_tui.tui.browser.run_changes import rename_dialog

        def renamed(path: Path) -> None:
            self._state.list.follow_rename(run.path, path)
            self._state.reading.search_again()

        self._screen.app.push_screen(rename_dialog(run.path, self._state.root, renamed))

    def label(self, run: CatalogRun) -> None:
        """Ask for tags and a note."""
        from jem_tui.tui.browser.run_changes import label_dialog

        self._screen.app.push_screen(label_dialog(run.path, self._state.reading.search_again))

    def delete(self, run: CatalogRun) -> None:
        """Ask whether and how to delete the marked runs, or `run` if none is marked."""
        from jem_tui.tui.browser.run_changes import delete_dialog, refuse_live

        runs = [each for each in self._state.reading.runs if each.path in self._state.list.marked] or [run]

        def ask() -> None:
            for each in runs:
                refuse_live(each)
            self._screen.app.push_screen(
                delete_dialog(runs, self._state.reading.contents.get), partial(self._delete, runs)
            )

        self._attempt(ask)

    def resume(self, run: CatalogRun) -> None:
        """Ask for further options, then leave the browser and resume the training run."""
        from jem_tui.tui.browser.run_changes import command_dialog, refuse_resumption, resumption_text

        check = partial(refuse_resumption, run)

        def start(words: tuple[str, ...]) -> None:
            self._screen.app.exit(ResumeRun(run.path, words))

        def ask() -> None:
            check()
            command, text = shlex.join(["jem-tui", "train", "--resume", str(run.path)]), resumption_text(run)
            self._screen.app.push_screen(command_dialog("Resume training", text, command, start, check))

        self._attempt(ask)

    def draw(self, run: CatalogRun) -> None:
        """Leave the browser and open the draw screen of a run, unless the run has no model."""
        from jem_tui.tui.browser.run_changes import refuse_drawing

        def start() -> None:
            refuse_drawing(run)
            self._screen.app.exit(DrawImage(run.path))

        self._attempt(start)

    def evaluate(self, run: CatalogRun) -> None:
        """Ask for further options, then run `jem-tui eval` and show its output."""
        from jem_tui.tui.browser.command_screen import CommandScreen
        from jem_tui.tui.browser.run_changes import command_dialog

        def start(words: tuple[str, ...]) -> None:
            self._screen.app.call_later(self._screen.app.push_screen, CommandScreen(("eval", str(run.path), *words)))

        text = "More options, such as --quick for seconds instead of minutes, or --only ood:"
        command = shlex.join(["jem-tui", "eval", str(run.path)])
        self._screen.app.push_screen(command_dialog("Evaluate", text, command, start))

    def _delete(self, runs: Sequence[CatalogRun], choice: str | None) -> None:
        from jem_tui.tui.browser.file_work import work_on_files
        from jem_tui.tui.browser.run_changes import FOR_GOOD, TO_TRASH, delete_for_good_dialog, trash_all

        root, again = self._state.root, self._state.reading.search_again

        def report(outcome: tuple[str, Sequence[str]]) -> None:
            moved, problems = outcome
            for problem in problems:
                self._refuse(problem)
            if moved:
                self._screen.notify(moved, markup=False)
            again()

        if choice == TO_TRASH:
            work_on_files(self._screen.app, partial(trash_all, runs, root), report, self._refuse)
        elif choice == FOR_GOOD:
            self._screen.app.push_screen(delete_for_good_dialog(runs[0], root, again))

    def _attempt(self, act: Callable[[], None]) -> None:
        """Carry out an action, and display the sentence of a refusal."""
        try:
            act()
        except InputError as error:
            self._refuse(str(error))

    def _refuse(self, sentence: str) -> None:
        self._screen.notify(keyboard_of(self._screen.app).fill(sentence), severity="error", markup=False)
