"""Errors that the user sees as a message: state, cause and next action."""

from __future__ import annotations

from typing import ClassVar, Literal

Reason = Literal["finished", "stopped", "interrupted", "failed", "refused", "diverged"]
"""Reasons for the end of a run; `EXIT_CODES` maps a reason to the exit code of the process."""

EXIT_CODES: dict[Reason, int] = {
    "finished": 0,
    "stopped": 0,
    "failed": 1,
    "refused": 2,
    "diverged": 3,
    "interrupted": 130,
}


class JemError(Exception):
    """A failure that is reported to the user without a traceback."""

    reason: ClassVar[Reason] = "failed"

    def __init__(self, message: str, hint: str = "", details: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint
        self.details = details
        """The traceback of code of the user, for the file of details; empty for all other causes."""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(JemError):
    """Wrong usage or unusable input: a bad setting, a missing folder, no network (exit code 2)."""

    reason: ClassVar[Reason] = "refused"


class DivergenceError(JemError):
    """A divergence of a training run (exit code 3)."""

    reason: ClassVar[Reason] = "diverged"


class StopTraining(Exception):  # noqa: N818
    """A request of a viewer to end a watched training loop: raised by `WatchedRun.step`, and swallowed by `with jem_tui.watch(...)`."""
