"""Errors that reach the user as one sentence: what happened, where, and what to try."""

from __future__ import annotations

from typing import ClassVar, Literal

Reason = Literal["finished", "stopped", "interrupted", "failed", "refused", "diverged"]
"""Why a run ended; `EXIT_CODES` gives the process exit code of each."""

EXIT_CODES: dict[Reason, int] = {
    "finished": 0,
    "stopped": 0,
    "failed": 1,
    "refused": 2,
    "diverged": 3,
    "interrupted": 130,
}


class JemError(Exception):
    """A failure that is explained to the user without a traceback."""

    reason: ClassVar[Reason] = "failed"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(JemError):
    """Wrong usage or unusable input: a bad setting, a missing folder, no network (exit code 2)."""

    reason: ClassVar[Reason] = "refused"


class DivergenceError(JemError):
    """Training left the finite numbers (exit code 3)."""

    reason: ClassVar[Reason] = "diverged"
