"""Calls of the source of rank 0, as they are sent to the other ranks: one small tensor for each call, and JSON for a command."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple, Protocol

import torch
import torch.distributed as dist

from jem_tui.errors import JemError
from jem_tui.events.command_json import command_from_json, command_to_json
from jem_tui.events.commands import Command
from jem_tui.jem.ranks.ranks import Ranks

Kind = Literal["pull", "apply", "close"]
_KINDS: tuple[Kind, ...] = ("pull", "apply", "close")
MOST_BYTES = 1 << 20
"""Maximum length of a command as JSON."""


class Call(NamedTuple):
    """A call of rank 0, which the other ranks repeat."""

    kind: Kind
    mark: int = 0
    """Checksum of the event before the call, which must be equal on all ranks."""
    command: Command | None = None
    """The command to apply."""


class Calls(Protocol):
    """Transport of calls from rank 0 to the other ranks."""

    def send(self, call: Call) -> None:
        """Send a call, on rank 0."""
        ...

    def receive(self) -> Call:
        """Wait for a call, on a rank other than 0."""
        ...


class BroadcastCalls:
    """Calls through the control group: a header of three numbers, and for a command its JSON. Nothing is pickled."""

    def __init__(self, ranks: Ranks) -> None:
        self._group = ranks.control

    def send(self, call: Call) -> None:
        """Send a call through the group, on rank 0."""
        content = json.dumps(command_to_json(call.command)).encode() if call.command is not None else b""
        header = torch.tensor([_KINDS.index(call.kind), call.mark, len(content)])
        dist.broadcast(header, 0, group=self._group)
        if content:
            dist.broadcast(torch.frombuffer(bytearray(content), dtype=torch.uint8), 0, group=self._group)

    def receive(self) -> Call:
        """Wait for a call. Raises JemError for one that is malformed."""
        header = torch.zeros(3, dtype=torch.int64)
        dist.broadcast(header, 0, group=self._group)
        kind, mark, length = header.tolist()
        if not (0 <= kind < len(_KINDS) and 0 <= length <= MOST_BYTES):
            raise _malformed("its header is out of range")
        return Call(_KINDS[kind], mark, self._command(length) if length else None)

    def _command(self, length: int) -> Command:
        content = torch.zeros(length, dtype=torch.uint8)
        dist.broadcast(content, 0, group=self._group)
        try:
            return command_from_json(json.loads(bytes(content.tolist())))
        except ValueError as error:
            raise _malformed(str(error)) from error


def _malformed(why: str) -> JemError:
    return JemError(f"A call of rank 0 cannot be repeated: {why}.", "Use the same version of jem-tui on all machines.")
