"""Dialogs that change recorded runs, each with a text that names what changes, and the refusals before them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.run_files import MODEL_FILE, sorted_checkpoints
from jem_tui.stream.attach.door_file import is_live, read_door
from jem_tui.stream.runs.folder_size import FolderContent
from jem_tui.stream.runs.followed_catalog import CatalogRun
from jem_tui.stream.runs.moved_runs import TRASH, delete_run, rename_run, trash_run
from jem_tui.stream.runs.run_labels import read_labels, write_labels
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
from jem_tui.tui.browser.run_columns import bytes_text

Measured = Callable[[Path], FolderContent | None]
"""A function that returns what the thread of the browser has measured of a run folder; None before that."""
TO_TRASH, FOR_GOOD = "trash", "final"
"""Results of the dialog: the two ways to delete a run."""
LONGEST_SPLIT = 20
"""Maximum number of characters of the name of a split."""
MOST_LISTED = 6
"""Maximum number of runs that the dialog lists by name."""


def rename_dialog(path: Path, root: Path, renamed: Callable[[Path], None]) -> PromptScreen:
    """Return the dialog that renames a run; `renamed` receives the new path."""

    def apply(values: Sequence[str]) -> Path:
        _refuse_root(path, root)
        _refuse_door(path)
        return rename_run(path, values[0])

    text = "Rename the run folder. Commands and scripts with the old name no longer find it."
    return PromptScreen("Rename run", text, [("", path.name)], "rename", apply, renamed)


def label_dialog(path: Path, labelled: Callable[[], None]) -> PromptScreen:
    """Return the dialog that changes the tags and the note of a run."""
    labels = read_labels(path)

    def apply(values: Sequence[str]) -> None:
        write_labels(path, tuple(values[0].replace(",", " ").split()), values[1])

    fields = [("Tags, separated by spaces", " ".join(labels.tags)), ("Note", labels.note)]
    return PromptScreen(
        f"Tags and note of {printable(path.name)}", labels.reason, fields, "save", apply, lambda _: labelled()
    )


def delete_dialog(runs: Sequence[CatalogRun], content_of: Measured) -> ChoiceScreen:
    """Return the dialog that states what a deletion removes; its result is `TO_TRASH`, `FOR_GOOD` or the empty text.

    Only a single run can be deleted for good.
    """
    choices = [(TO_TRASH, "deletion-trash", "Move to trash", f"Keep all files in {TRASH}.")]
    if len(runs) == 1:
        choices.append((FOR_GOOD, "deletion-final", "Delete for good", "Type the name of the run first."))
        return ChoiceScreen(
            f"Delete {printable(runs[0].path.name)}?", "\n".join(lost_content(runs[0], content_of)), choices
        )
    listed = [f"{printable(run.path.name)}: {recorded_content(run, content_of)}" for run in runs[:MOST_LISTED]]
    further = [f"and {len(runs) - MOST_LISTED:,} more"] if len(runs) > MOST_LISTED else []
    return ChoiceScreen(f"Delete the {len(runs):,} marked runs?", "\n".join([*listed, *further]), choices)


def lost_content(run: CatalogRun, content_of: Measured) -> list[str]:
    """Return lines that state what is in the folder of a run."""
    return [printable(str(run.path)), f"The folder holds {recorded_content(run, content_of)}."]


def recorded_content(run: CatalogRun, content_of: Measured) -> str:
    """Return steps, score, checkpoints, files and size of a run as part of a sentence, if they are known."""
    content, found = content_of(run.path), run.found
    steps = "" if found.step is None else f"{found.step:,} steps, "
    split = f" ({printable(found.accuracy_split)[:LONGEST_SPLIT]})" if found.accuracy_split else ""
    score = "" if found.accuracy is None else f"an accuracy of {found.accuracy:.2%}{split}, "
    if content is None:
        return f"{steps}{score}{'and ' if steps or score else ''}files that are not counted yet"
    size = bytes_text(content.bytes) if content.complete else f"at least {bytes_text(content.bytes)}"
    saved = {0: "no checkpoint", 1: "1 checkpoint"}.get(content.checkpoints, f"{content.checkpoints:,} checkpoints")
    return f"{steps}{score}{saved}: {content.files:,} files, {size}"


def delete_for_good_dialog(run: CatalogRun, root: Path, deleted: Callable[[], None]) -> PromptScreen:
    """Return the dialog that deletes a run once its name is typed."""
    name = printable(run.path.name)

    def apply(values: Sequence[str]) -> None:
        if values[0].strip() not in (run.path.name, name):
            raise InputError("The name does not match.", f"Type {name} to delete it.")
        _refuse_root(run.path, root)
        refuse_live(run)
        delete_run(run.path)

    text = f"This cannot be undone. Type {name} to delete the run."
    return PromptScreen("Delete for good", text, [("", "")], "delete", apply, lambda _: deleted())


def trash_all(runs: Sequence[CatalogRun], root: Path) -> tuple[str, Sequence[str]]:
    """Move runs to the trash; return a sentence on those that are moved, "" without any, and one for each that is not."""
    moved, problems = [], []
    for run in runs:
        try:
            moved.append(_trash(run, root))
        except InputError as error:
            problems.append(str(error))
    return moved[0] if len(moved) == 1 else f"Moved {len(moved):,} runs to the trash." if moved else "", problems


def _trash(run: CatalogRun, root: Path) -> str:
    _refuse_root(run.path, root)
    refuse_live(run)
    return f"Moved {printable(run.path.name)} to {printable(str(trash_run(run.path, root)))}."


def command_dialog(
    title: str,
    text: str,
    command: str,
    run: Callable[[tuple[str, ...]], None],
    check: Callable[[], None] = lambda: None,
) -> PromptScreen:
    """Return the dialog for further options of a command; `run` receives the words, unless `check` raises InputError."""

    def apply(values: Sequence[str]) -> tuple[str, ...]:
        check()
        try:
            return tuple(shlex.split(values[0]))
        except ValueError as error:
            raise InputError(f"Could not read the options: {error}.", "Close every quote.") from error

    return PromptScreen(title, text, [(printable(command), "")], "run", apply, run)


def resumption_text(run: CatalogRun) -> str:
    """Return what a resumption does, and an example of an option."""
    at = "" if run.found.step is None else f" from step {run.found.step:,}"
    return f"Training resumes{at} in this terminal. More options, such as --minutes 10 or -s train.epochs=20:"


def refuse_resumption(run: CatalogRun) -> None:
    """Raise InputError if a run cannot be resumed, as far as that is known without torch."""
    if run.found.state in ("foreign", "damaged"):
        raise InputError("Only runs of jem-tui train can be resumed.", "Resume this one with its own program.")
    if run.found.state == "running" or is_live_here(run.path):
        raise InputError("The run is still running.", "Press {browser-open} to attach to it.")
    if not sorted_checkpoints(run.path):
        raise InputError("The run has no checkpoint.", "Start a new run with the same settings.")


def refuse_drawing(run: CatalogRun) -> None:
    """Raise InputError if a run has no model that scores a drawing, as far as that is known without torch."""
    if run.found.state in ("foreign", "damaged"):
        raise InputError("Only runs of jem-tui have a model that can score an image.", "Select another run.")
    if run.found.state == "running" or is_live_here(run.path):
        raise InputError("The run is still running.", "Press {browser-open} to attach to it, then {draw} to draw.")
    if not (sorted_checkpoints(run.path) or (run.path / MODEL_FILE).is_file()):
        raise InputError("The run has no checkpoint, so there is no model that scores an image.", "Select another run.")


def refuse_live(run: CatalogRun) -> None:
    """Raise InputError if a run is live."""
    if run.found.state == "running":
        raise InputError(f"{printable(run.path.name)} is still running.", "Open it and stop it first.")
    _refuse_door(run.path)


def is_live_here(path: Path) -> bool:
    """Return whether a process of this machine answers at the door of a run."""
    door = read_door(path)
    return door is not None and is_live(door)


def _refuse_door(path: Path) -> None:
    if is_live_here(path):
        raise InputError(f"{printable(path.name)} is still running.", "Open it and stop it first.")


def _refuse_root(path: Path, root: Path) -> None:
    if path == root:
        raise InputError(
            "This folder is open in the browser and cannot be changed.", "Open the browser in the folder above."
        )
