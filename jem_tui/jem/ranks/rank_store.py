"""Facts that ranks exchange outside of collective operations: heartbeats, requests to stop, and the reason for which the run has ended.

The keys are in the store of the launcher. Every method returns at once and none is a collective operation, so that a thread can call
it while another thread of the rank waits in a collective operation.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

from jem_tui.errors import DivergenceError, InputError, JemError, Reason
from jem_tui.printable import printable

MOST_TEXT = 20_000
"""Maximum characters of a text that another rank has written."""


class KeyStore(Protocol):
    """The methods of a store of torch.distributed that are used."""

    def set(self, key: str, value: str, /) -> None: ...
    def get(self, key: str, /) -> bytes: ...
    def check(self, keys: list[str], /) -> bool: ...
    def compare_set(self, key: str, expected: str, desired: str, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Abort:
    """The reason for which a rank has ended the run for all."""

    rank: int
    reason: Reason
    sentence: str
    details: str = ""
    """The traceback of an unexpected exception."""
    lost: bool = False
    """True if the rank could not write this itself."""

    @property
    def error(self) -> JemError:
        """The error that ends the other ranks."""
        kinds = {"refused": InputError, "diverged": DivergenceError}
        return kinds.get(self.reason, JemError)(self.sentence, details=self.details)


class RankStore:
    """The keys of the ranks of one run in a store, as one of the ranks sees them."""

    def __init__(self, store: KeyStore, rank: int, size: int) -> None:
        self._store = store
        self.rank = rank
        self.size = size
        self.reports_loss = False
        """True if this rank has written that another one is lost."""
        self._beats = 0

    def register(self) -> None:
        """Write the host and process of this rank."""
        self._store.set(f"who/{self.rank}", f"{socket.gethostname()} (process {os.getpid()})")
        self._store.set(f"process/{self.rank}", f"{pid_namespace()} {os.getpid()}")
        self.send_heartbeat()

    def who(self, rank: int) -> str:
        """Return a rank with its host and process in words."""
        place = self._read(f"who/{rank}")
        return f"Rank {rank} on {place}" if place else f"Rank {rank}"

    def has_ended(self, rank: int) -> bool:
        """Return whether the process of a rank on this machine has certainly ended."""
        space, _, pid = self._read(f"process/{rank}").rpartition(" ")
        if not space or space != pid_namespace() or not pid.isdecimal():
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            return False
        return False

    def send_heartbeat(self) -> None:
        """Write a new heartbeat of this rank."""
        self._beats += 1
        self._store.set(f"beat/{self.rank}", str(self._beats))

    def heartbeat_of(self, rank: int) -> str:
        """Return a text that changes as long as a rank runs; "" before its first heartbeat."""
        return self._read(f"beat/{rank}")

    def request_stop(self) -> None:
        """Ask rank 0 to save and end the run."""
        self._store.set("stop", str(self.rank))

    def stop_requested(self) -> bool:
        """Return whether a rank has asked for the end of the run."""
        return self._store.check(["stop"])

    def abort(self, reason: Reason, sentence: str, details: str = "") -> None:
        """Record why this rank ends the run for all ranks, unless another rank has recorded a reason."""
        self._abort(Abort(rank=self.rank, reason=reason, sentence=sentence[:MOST_TEXT], details=details[-MOST_TEXT:]))

    def report_lost(self, rank: int) -> None:
        """Set the reason of the end to the loss of a rank, unless a reason is set already."""
        sentence = f"{self.who(rank)} has ended without a message: it was killed, or its machine is lost."
        self._abort(Abort(rank=rank, reason="failed", sentence=sentence, lost=True))

    def _abort(self, abort: Abort) -> None:
        text = json.dumps({**asdict(abort), "author": self.rank})
        self.reports_loss = self._store.compare_set("abort", "", text) == text.encode() and abort.lost

    def aborted(self) -> Abort | None:
        """Return the reason for which the run has ended for all ranks; None if it has not ended."""
        text = self._read("abort")
        return _abort(json.loads(text)) if text else None

    def publish_plan(self, plan: str) -> None:
        """Write the plan of the run, on rank 0, before the ranks join."""
        self._store.set("plan", plan)

    def plan(self) -> str:
        """Return the plan of the run; "" until rank 0 has written it."""
        return self._read("plan")

    def publish_end(self, code: int) -> None:
        """Write the exit code of all ranks, on rank 0."""
        self._store.set("end", str(code))

    def end(self) -> int | None:
        """Return the exit code of all ranks; None until rank 0 has ended the run."""
        text = self._read("end")
        return int(text) if text.isdecimal() else None

    def confirm_end(self) -> None:
        """Set the key that shows rank 0 that this rank has read the exit code."""
        self._store.set(f"left/{self.rank}", "")

    def all_have_left(self) -> bool:
        """Return whether all ranks but rank 0 have read the end of the run."""
        return self._store.check([f"left/{rank}" for rank in range(1, self.size)])

    def _read(self, key: str) -> str:
        """Return the text of a key, "" where it is absent. A read of an absent key would wait for it."""
        return self._store.get(key).decode("utf-8", "replace") if self._store.check([key]) else ""


def pid_namespace() -> str:
    """Return a text that is equal for processes in one PID namespace; "" if it is unknown."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _abort(content: Mapping[str, Any]) -> Abort:
    reasons: dict[Any, Reason] = {reason: reason for reason in get_args(Reason)}
    return Abort(
        rank=int(content.get("rank", 0)),
        reason=reasons.get(content.get("reason"), "failed"),
        sentence=printable(str(content.get("sentence", ""))),
        details=str(content.get("details", "")),
        lost=content.get("lost") is True,
    )
