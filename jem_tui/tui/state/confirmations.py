"""Questions before commands that lose something: rollbacks, and restarts if the user wants to be asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jem_tui.events.commands import Command, Reseed, RollBack, SaveNow
from jem_tui.run_files import checkpoint_step, sorted_checkpoints
from jem_tui.tui.keys.remap import DEFAULT_KEYBOARD
from jem_tui.tui.keys.training_keys import describe_command
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_view import RunView

NO_CHECKPOINT = "No checkpoint to roll back to."


class Confirmations:
    """Decides which commands are sent at the second request only."""

    def __init__(self, pending: PendingCommands) -> None:
        self.key_of: Callable[[Command], str] = DEFAULT_KEYBOARD.written_key
        """Returns the key of a command as the user has assigned it."""
        self.before_restarts = False
        """True if restarts of chains are confirmed; otherwise they happen at once and can be undone."""
        self._pending = pending

    def allow(self, command: Command, run: RunView | None, *, here: bool) -> bool:
        """Return whether to send a command now, and otherwise display why not; `here` means that this process trains."""
        if isinstance(command, RollBack) and run is not None:
            return self._allow_rollback(command, run, here)
        if isinstance(command, Reseed) and self.before_restarts:
            label = "restart this chain" if command.chains else _lowered(describe_command(command)[0])
            return self._pending.confirm(command, self._again(command, label))
        return True

    def _allow_rollback(self, command: RollBack, run: RunView, here: bool) -> bool:
        if run.watched:
            return self._pending.confirm(command, self._again(command, "roll back"))
        step = newest_checkpoint(run, here=here)
        if step is None:
            key = self.key_of(SaveNow())
            self._pending.notify(f"{NO_CHECKPOINT} Press {key} to save one." if key else NO_CHECKPOINT)
            return False
        return self._pending.confirm(command, self._again(command, f"roll back to step {step:,}"))

    def _again(self, command: Command, deed: str) -> str:
        key = self.key_of(command)
        return f"Press {key} again to {deed}" if key else f"Repeat this to {deed}"


def newest_checkpoint(run: RunView, *, here: bool) -> int | None:
    """Return the step of the newest checkpoint; None without any. Files count in the process that trains, elsewhere the notes of the run."""
    if here:
        paths = sorted_checkpoints(Path(run.info.run_dir))
        return checkpoint_step(paths[-1]) if paths else None
    saved = [note.step for note in run.notes if note.kind == "checkpoint" and note.path and note.step <= run.step]
    return saved[-1] if saved else None


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]
