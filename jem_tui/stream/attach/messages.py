"""Messages between a run and its viewers, as checked JSON.

A viewer sends `Join` first and then any number of `Steer`, `Ask` and `Ping`. The run answers with `Hello`, the records that are not in the log
yet, and the records that follow. The state of a viewer is the log up to `Hello.position` and every record received since.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jem_tui.events.command_json import command_from_json, command_to_json
from jem_tui.events.commands import Command
from jem_tui.events.run import Sampling
from jem_tui.printable import printable
from jem_tui.stream.attach.frames import JSON, PROTOCOL, ProtocolError, pack
from jem_tui.stream.attach.questions import Answer, Ask, answer_from_json, ask_from_json, to_json
from jem_tui.stream.runs.json_file import parse_json

MOST_AUTHOR = 64
"""Maximum characters of an author's name."""
MOST_TEXT = 4000
_LARGEST = 1 << 62

LogPosition = tuple[tuple[str, int], ...]
"""Event files in the order of writing: the path relative to the run folder, and the bytes of its complete records on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The first message of a viewer."""

    protocol: tuple[int, int] = PROTOCOL
    author: str = ""
    """The person at the viewer, such as `alice@laptop`, whom notes name as the author of commands."""
    view_only: bool = False
    """True for a viewer that sends no commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """A command of a viewer to the run."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A question of a viewer whether the run is reachable, answered by `Pong`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The place in the log at which the following records continue."""

    protocol: tuple[int, int] = PROTOCOL
    program: str
    """Name and version of the program that trains."""
    run_id: str
    """A name of this session of the run, other than that of a later session in the same folder."""
    run_dir: str
    """The absolute path of the run folder on the machine of the run."""
    position: LogPosition
    """The end of the log that the following records continue."""
    started: bytes
    """The newest `RunStarted` as one record, with its length and checksums."""
    paused: bool
    """True if the run is paused at that position."""
    again: bool = False
    """True if the viewer was too slow: it forgets its state and reads the log again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of the SGLD steps of one batch."""

    sampling: Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A sentence for the user: why a command has no effect, or why the connection ends."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """The answer to `Ping`."""


Message = Join | Steer | Ask | Ping | Hello | Progress | Answer | Refused | Pong


def pack_message(message: Message) -> bytes:
    """Return a message as the bytes of a frame."""
    content = {"kind": type(message).__name__.lower(), **_fields(message)}
    return pack(JSON, json.dumps(content, separators=(",", ":")).encode())


def parse_message(payload: bytes) -> Message | None:
    """Return the message in the payload of a JSON frame, None if its kind or that of its answer is unknown.

    Raises ProtocolError for anything malformed or out of range, and for another major version of the protocol.
    """
    try:
        content = parse_json(payload)
        if not isinstance(content, dict):
            raise ValueError("not an object")
        read = _READ.get(_text(content, "kind", MOST_AUTHOR))
        return read(content) if read is not None else None
    except ValueError as error:
        raise ProtocolError(f"The other side does not speak the protocol of jem-tui: {error}.") from error


def _fields(message: Message) -> dict[str, Any]:
    match message:
        case Join():
            return {"protocol": message.protocol, "author": message.author, "view_only": message.view_only}
        case Steer(command=command):
            return {"command": command_to_json(command)}
        case Ask() | Answer():
            return to_json(message)
        case Hello():
            fields = {name: getattr(message, name) for name in Hello.__dataclass_fields__}
            return {**fields, "started": base64.b64encode(message.started).decode()}
        case Progress(sampling=sampling):
            return {name: getattr(sampling, name) for name in Sampling.__dataclass_fields__}
        case Refused(text=text):
            return {"text": text[:MOST_TEXT]}
    return {}


def _protocol(content: Mapping[str, Any]) -> tuple[int, int]:
    """Return the version of the other side. Raises ProtocolError for another major version than `PROTOCOL`."""
    value = content.get("protocol")
    if not (isinstance(value, list) and len(value) == 2 and all(_is_count(part) for part in value)):
        raise ValueError("no version of the protocol")
    major, minor = value
    if major != PROTOCOL[0]:
        raise ProtocolError(
            f"The run and its viewer speak different versions of the protocol: {PROTOCOL[0]} and {major}.",
            "Use the same version of jem-tui for both.",
        )
    return major, minor


def _join(content: Mapping[str, Any]) -> Join:
    protocol = _protocol(content)
    author = printable(_text(content, "author", _LARGEST)[:MOST_AUTHOR])[:MOST_AUTHOR]
    return Join(protocol=protocol, author=author, view_only=_flag(content, "view_only"))


def _hello(content: Mapping[str, Any]) -> Hello:
    return Hello(
        protocol=_protocol(content),
        program=printable(_text(content, "program")),
        run_id=printable(_text(content, "run_id")),
        run_dir=_path(content, "run_dir"),
        position=_position(content.get("position")),
        started=_bytes(content.get("started")),
        paused=_flag(content, "paused"),
        again=_flag(content, "again"),
    )


def _progress(content: Mapping[str, Any]) -> Progress:
    counts = {name: _count(content, name) for name in ("step", "images", "k", "of")}
    time = content.get("time")
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < _LARGEST:
        raise ValueError("time is not a number of seconds")
    return Progress(sampling=Sampling(**counts, time=float(time)))


def _position(value: Any) -> LogPosition:
    if not isinstance(value, list):
        raise ValueError("no position in the log")
    return tuple(_place(entry) for entry in value)


def _place(entry: Any) -> tuple[str, int]:
    if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) and _is_count(entry[1])):
        raise ValueError("a malformed position in the log")
    path = PurePosixPath(entry[0])
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in entry[0]:
        raise ValueError("a position outside the run folder")
    # Raises a ValueError for text that cannot be a path
    os.fsencode(path)
    return entry[0], entry[1]


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "-", validate=True)
    except binascii.Error:
        raise ValueError("a malformed record") from None


def _text(content: Mapping[str, Any], name: str, most: int = MOST_TEXT) -> str:
    value = content.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"{name} is not a text")
    return value


def _path(content: Mapping[str, Any], name: str) -> str:
    value = _text(content, name)
    if "\0" in value or os.fsencode(value) == b"":
        raise ValueError(f"{name} is not a path")
    return value


def _flag(content: Mapping[str, Any], name: str) -> bool:
    value = content.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def _count(content: Mapping[str, Any], name: str) -> int:
    value: Any = content.get(name)
    if not _is_count(value):
        raise ValueError(f"{name} is not a count")
    return int(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


_READ: dict[str, Callable[[Mapping[str, Any]], Message | None]] = {
    "join": _join,
    "steer": lambda content: Steer(command=command_from_json(content.get("command"))),
    "ask": ask_from_json,
    "answer": answer_from_json,
    "ping": lambda content: Ping(),
    "hello": _hello,
    "progress": _progress,
    "refused": lambda content: Refused(text=printable(_text(content, "text"))),
    "pong": lambda content: Pong(),
}
