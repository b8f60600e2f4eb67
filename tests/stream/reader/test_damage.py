"""Event files that were cut, flipped, spliced and overwritten: no crash, no hang, nothing lost beyond what is damaged."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.tfevents.records import Damage, frame
from jem_tui.stream.tfevents.resync import BLOCK
from tests.examples import examples
from tests.stream.event_file_records import read_records
from tests.stream.stream_events import record, small_run

PAYLOADS = [bytes([number]) * (7 * number % 40 + 1) + b"record %d" % number for number in range(12)]
"""None of eight bytes: a length and its checksum, moved to where such a payload was, would pass for it."""
FRAMES = [frame(payload) for payload in PAYLOADS]
WHOLE = b"".join(FRAMES)
STARTS = [sum(map(len, FRAMES[:number])) for number in range(len(FRAMES) + 1)]

flips = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), max_size=4)


def read(content: bytes) -> tuple[list[bytes], Damage]:
    damage = Damage()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        path.write_bytes(content)
        return [record.payload for record in read_records(path, damage)], damage


def touched(position: int) -> int:
    """Return the number of the record that a byte belongs to."""
    return max(number for number, start in enumerate(STARTS) if start <= position)


@settings(deadline=None, max_examples=examples(75))
@given(flips)
def test_flipped_bytes_lose_only_their_records(changes: list[tuple[int, int]]):
    content = bytearray(WHOLE)
    for position, mask in changes:
        content[position] ^= mask
    hurt = {touched(i) for i, (a, b) in enumerate(zip(content, WHOLE, strict=True)) if a != b}
    found, damage = read(bytes(content))
    assert found == [payload for number, payload in enumerate(PAYLOADS) if number not in hurt]
    assert bool(damage or damage.truncated_files) == bool(hurt)


@settings(deadline=None, max_examples=examples(50))
@given(st.integers(0, len(WHOLE)))
def test_a_cut_loses_only_its_record(size: int):
    found, damage = read(WHOLE[:size])
    assert found == [payload for number, payload in enumerate(PAYLOADS) if STARTS[number + 1] <= size]
    assert not damage
    assert damage.truncated_files == (size not in STARTS)


@settings(deadline=None, max_examples=examples(75))
@given(st.integers(0, len(WHOLE)), st.binary(max_size=60))
def test_inserted_bytes_lose_at_most_one_record(position: int, foreign: bytes):
    content = WHOLE[:position] + foreign + WHOLE[position:]
    found, _ = read(content)
    number = touched(min(position, len(WHOLE) - 1))
    broken = FRAMES[number] not in content[STARTS[number] : STARTS[number + 1] + len(foreign)]
    assert found == [payload for each, payload in enumerate(PAYLOADS) if not (broken and each == number)]


@settings(deadline=None, max_examples=examples(75))
@given(st.integers(0, len(WHOLE)), st.integers(0, 80))
def test_missing_bytes_lose_only_their_records(position: int, length: int):
    stop = min(position + length, len(WHOLE))
    hurt = {touched(i) for i in range(position, stop)}
    found, _ = read(WHOLE[:position] + WHOLE[stop:])
    intact = [payload for number, payload in enumerate(PAYLOADS) if number not in hurt]
    assert [payload for payload in found if payload in intact] == intact
    assert set(found) <= set(PAYLOADS)


@settings(deadline=None, max_examples=examples(50))
@given(st.binary(max_size=400))
def test_random_bytes_hold_nothing_and_do_no_harm(content: bytes):
    assert read(content)[0] == []


def test_a_record_is_found_after_more_damage_than_one_search_block():
    rubbish = bytes(range(1, 256)) * (BLOCK // 200)
    for shift in (0, 1, 11):
        found, damage = read(FRAMES[1] + rubbish + b"x" * shift + FRAMES[2])
        assert found == PAYLOADS[1:3]
        assert damage == Damage(gaps=1)


@settings(deadline=None, max_examples=examples(15))
@given(st.data())
def test_a_damaged_run_replays_or_is_refused_in_a_sentence(data: st.DataObject):
    with tempfile.TemporaryDirectory() as folder:
        run_dir = record(Path(folder) / "run", small_run(6))
        (path,) = run_dir.glob("*tfevents*")
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 5))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
        try:
            items = read_recording(run_dir).entries
        except InputError as error:
            assert str(error)
        else:
            assert items
