"""Fuzzed caches of recordings: the recording always opens, and its content is that of the event files if the cache is invalid."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from jem_tui.stream.export.scalar_tables import lines
from jem_tui.stream.log_data.array_file import Arrays, read_arrays, write_arrays
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader import log_cache
from jem_tui.stream.reader.log_cache import NAME, load_cache, stamp_of
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.replay.build_timeline import build_timeline
from tests.fuzz.event_files import STREAM_TESTS


class Indices:
    """A run of ours and a log of another program, each with an index."""

    def __init__(self, folder: Path) -> None:
        from tests.stream.stream_events import record, small_run

        own = record(folder / "own", small_run())
        other = Path(shutil.copytree(STREAM_TESTS / "written_by" / "tensorboardx", folder / "other"))
        log_cache.MIN_BYTES = 0
        self._folders = [own, other]
        self._words: list[dict[str, object]] = []
        self._arrays: list[Arrays] = []
        for place in self._folders:
            assert log_cache.save_cache(place, read_log(place), stamp_of(place))
            words, arrays = read_arrays(place / NAME, 1 << 24)
            self._words.append(words)
            self._arrays.append({name: array.copy() for name, array in arrays.items()})
        self._stamps = [stamp_of(place) for place in self._folders]

    def seeds(self) -> list[bytes]:
        """Return both indices unchanged and as their words, the words also part by part."""
        found = [bytes([number]) + (place / NAME).read_bytes() for number, place in enumerate(self._folders)]
        for number, words in enumerate(self._words):
            parts = {name: part for name, part in words.items() if name != "made of"}
            found.append(bytes([2 + number]) + json.dumps(parts).encode())
        return found

    def read(self, data: bytes) -> str:
        """Open what the index says, if it is believed."""
        if not data:
            return ""
        number, has_checksum = data[0] % 2, data[0] % 4 >= 2
        place = self._folders[number]
        if not has_checksum:
            (place / NAME).write_bytes(data[1:])
        elif not self._write(number, data[1:]):
            return "not JSON"
        recording = load_cache(place)
        if recording is None:
            return "not believed"
        timeline = build_timeline(recording, place, complete=True)
        assert list(resolve(timeline.others)) is not None
        assert list(timeline.emit(0, len(timeline))) is not None
        timeline.clock(2.0)
        timeline.position_after(timeline.last_step)
        lines(recording.points, 0.9)
        return f"{len(recording.entries)} items"

    def _write(self, number: int, words: bytes) -> bool:
        """Write an index of these words, whose checksum agrees; returns whether they are such."""
        try:
            content = json.loads(words)
        except (ValueError, RecursionError):
            return False
        if not isinstance(content, dict):
            return False
        write_arrays(self._folders[number] / NAME, {**content, "made of": self._stamps[number]}, self._arrays[number])
        return True
