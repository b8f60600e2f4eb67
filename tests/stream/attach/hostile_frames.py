"""Hypothesis strategies for what a hostile or broken run sends: recorded frames with changes, and frames that no run sends."""

from __future__ import annotations

import json
import zlib

from hypothesis import strategies as st

from jem_tui.events.run import Sampling
from jem_tui.stream.attach.frames import HISTORY, JSON, RECORDS, UNRECORDED, FrameParser, pack
from jem_tui.stream.attach.history import pack_history
from jem_tui.stream.attach.messages import Message, Pong, Progress, Refused, pack_message
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from tests.stream.attach.scripted_door import as_record, hello
from tests.stream.random_events import RECORDED, run_starts
from tests.stream.stream_events import started, step_done

Change = tuple[int, int, bytes]
"""A place, which counts from the start and wraps, the number of bytes that are replaced there, and the new ones."""
CHANGES = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 6), st.binary(max_size=6)), max_size=4)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_steps = st.integers(2, 40).map(lambda count: b"".join(as_record(step_done(step)) for step in range(1, count)))
_kinds = st.sampled_from([JSON, RECORDS, UNRECORDED, HISTORY, b"Z"])


_KNOWN: list[Message] = [
    hello(started(), (("events.out.tfevents.1.host", 100), ("gone", 5)), paused=True),
    hello(started(5), again=True),
    Progress(sampling=Sampling(step=1, images=64, time=1.0, k=1, of=2)),
    Refused(text="No.\x1b[2J"),
    Pong(),
]


def changed(data: bytes, changes: list[Change]) -> bytes:
    """Return bytes with some places replaced."""
    found = bytearray(data)
    for place, count, new in changes:
        at = place % (len(found) + 1)
        found[at : at + count] = new
    return bytes(found)


@st.composite
def _records(draw: st.DrawFn) -> bytes:
    """Draw records with correct checksums, whose payloads may be changed."""
    payload = codec.encode(draw(RECORDED | run_starts(st.integers(0, 100)))).SerializeToString()
    return frame(changed(payload, draw(st.just([]) | CHANGES)))


@st.composite
def _messages(draw: st.DrawFn) -> bytes:
    """Draw a message, in which a field may have another value."""
    message = draw(st.sampled_from(_KNOWN))
    fields = json.loads(pack_message(message)[5:])
    fields |= draw(st.just({}) | st.dictionaries(st.sampled_from(sorted(fields)), _json, max_size=2))
    return pack(JSON, json.dumps(fields).encode())


@st.composite
def _histories(draw: st.DrawFn) -> bytes:
    """Draw the past of a run as a frame, whose uncompressed content may be changed."""
    events = draw(st.lists(RECORDED, max_size=4))
    (whole,) = FrameParser().feed(pack_history(events))
    content = changed(zlib.decompress(whole.payload), draw(st.just([]) | CHANGES))
    return pack(HISTORY, zlib.compress(content))


FRAMES = st.one_of(
    st.builds(pack, st.sampled_from([RECORDS, UNRECORDED]), st.lists(_records() | _steps, max_size=6).map(b"".join)),
    _messages(),
    st.builds(pack, _kinds, st.binary(max_size=60)),
    _histories(),
)
"""A frame of any kind, with or without a fault."""
