"""Messages: what is sent arrives unchanged, and nothing malformed raises anything but ProtocolError."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.command_json import CHECKS, OF_THIS_PROCESS, command_to_json
from jem_tui.events.commands import Adjust, Advance, Command, Pause, Reseed, Stop
from jem_tui.stream.attach.frames import PROTOCOL, FrameParser, ProtocolError
from jem_tui.stream.attach.messages import Join, Message, Steer, pack_message, parse_message
from tests.stream.attach.messages_of_viewers import MESSAGES

KINDS = ["join", "steer", "ping", "hello", "progress", "refused", "pong"]
NAMES = [
    "protocol",
    "author",
    "view_only",
    "command",
    "position",
    "started",
    "paused",
    "run_dir",
    "k",
    "of",
    "time",
    "text",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, *CHECKS]), inner, max_size=4),
    max_leaves=8,
)


def payload(message: Message) -> bytes:
    (frame,) = FrameParser().feed(pack_message(message))
    return frame.payload


def changed(message: Message, **changes: Any) -> bytes:
    return json.dumps({**json.loads(payload(message)), **changes}).encode()


@given(MESSAGES)
def test_a_message_arrives_unchanged(message: Message):
    assert parse_message(payload(message)) == message


@given(st.binary(max_size=60))
def test_no_payload_raises_anything_but_protocol_errors(content: bytes):
    with suppress(ProtocolError):
        parse_message(content)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_json_raises_anything_but_protocol_errors(kind: str, fields: dict[str, Any]):
    with suppress(ProtocolError):
        parse_message(json.dumps({"kind": kind, "protocol": PROTOCOL, **fields}).encode())


@given(MESSAGES, st.data())
def test_a_field_of_another_type_is_refused_or_checked(message: Message, data: st.DataObject):
    names = sorted(json.loads(payload(message)))
    with suppress(ProtocolError):
        parse_message(changed(message, **{data.draw(st.sampled_from(names)): data.draw(JSON)}))


def test_the_fields_of_every_command_are_checked():
    kinds = [kind for kind in get_args(Command) if kind not in OF_THIS_PROCESS]
    assert {name for kind in kinds for name in kind.__dataclass_fields__} == set(CHECKS)


@pytest.mark.parametrize(
    "command",
    [
        Advance(steps=0),
        Stop(reason="diverged"),
        Reseed(fraction=1.5),
        Reseed(fraction=float("nan")),
        Reseed(worst=-1),
        Reseed(chains=(-1,)),
        Adjust(name="optimizer.rate", increments=10**9),
    ],
)
def test_commands_out_of_range_are_refused(command: Command):
    with pytest.raises(ProtocolError):
        parse_message(payload(Steer(command=command)))


def test_unknown_commands_and_fields_are_refused():
    for command in [
        {"name": "Format"},
        {"name": "Authored"},
        {"name": "Pause", "fields": {"disk": 1}},
        {"name": "Seek"},
    ]:
        with pytest.raises(ProtocolError):
            parse_message(json.dumps({"kind": "steer", "command": command}).encode())


def test_an_unknown_kind_is_skipped():
    assert parse_message(b'{"kind": "wave", "hand": 1}') is None


def test_unknown_fields_of_a_known_message_are_ignored():
    assert parse_message(changed(Join(author="alice@laptop"), colour="red")) == Join(author="alice@laptop")


def test_another_major_version_is_refused_in_one_sentence_before_its_fields():
    with pytest.raises(ProtocolError, match="different versions of the protocol: 1 and 2"):
        parse_message(b'{"kind": "join", "protocol": [2, 0], "who": 1}')
    assert parse_message(b'{"kind": "join", "protocol": [1, 9], "author": "a"}') == Join(protocol=(1, 9), author="a")


def test_the_name_of_an_author_is_printable_and_bounded():
    message = parse_message(changed(Join(), author="\x1b[2J" + "a" * 1000))
    assert isinstance(message, Join)
    assert message.author.isprintable() and len(message.author) == 64


@pytest.mark.parametrize("name", ["/etc/passwd", "../other", "a/../../b", "", "a\0b", "\ud800"])
def test_a_position_outside_the_run_folder_is_refused(name: str):
    fields = {"protocol": PROTOCOL, "program": "", "run_id": "", "run_dir": "/r", "started": ""}
    with pytest.raises(ProtocolError):
        parse_message(json.dumps({"kind": "hello", **fields, "position": [[name, 1]]}).encode())


def test_commands_are_sent_by_name_and_fields():
    assert command_to_json(Pause()) == {"name": "Pause", "fields": {}}
    assert command_to_json(Reseed(worst=3))["fields"] == {"chains": [], "worst": 3, "fraction": 0.0}
