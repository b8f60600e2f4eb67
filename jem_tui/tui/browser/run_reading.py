"""The thread that searches for runs and reads their logs for the browser."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from jem_tui.stream.runs.followed_catalog import CatalogRun, FollowedCatalog
from jem_tui.tui.browser.file_work import attempt

if TYPE_CHECKING:
    from jem_tui.stream.reader.log_reader import LogReader, Recording
    from jem_tui.stream.runs.folder_size import FolderContent
    from jem_tui.tui.browser.run_preview import RunPreview, Sparkline

T = TypeVar("T")

SCAN_SECONDS = 2.0
"""Minimum seconds between two searches for runs."""
SCAN_SHARE = 30
"""Ratio of the time between two searches to the processor time of one."""
LIVE_SECONDS = 1.5
"""Minimum seconds between two readings of the log of a run that is being written."""
LARGE_LOG = 64 << 20
"""Minimum bytes of a log that is read only for the preview, not for the table."""
MOST_PREVIEWS = 24
MOST_FACTS = 5000


class StampedCache(Generic[T]):
    """Results by run folder, each with the stamp of the files that it was made from; the oldest are dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Path, tuple[object, T]] = OrderedDict()

    def put(self, run: CatalogRun, value: T) -> None:
        """Store the result of a run."""
        self._held[run.path] = (run.stamp, value)
        self._held.move_to_end(run.path)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, path: Path) -> T | None:
        """Return the newest result of a run, which may be outdated; None without a result."""
        held = self._held.get(path)
        return None if held is None else held[1]

    def is_current(self, run: CatalogRun) -> bool:
        """Return whether there is a result for the current files of a run."""
        held = self._held.get(run.path)
        return held is not None and held[0] == run.stamp


class RunReading:
    """Runs below a folder, their sizes, sparklines and previews, as far as they have been read.

    The screen reads the attributes at any time; the thread replaces them and increments `version`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs: Sequence[CatalogRun] = ()
        self.searched = False
        """True after the first search."""
        self.problem = ""
        """A sentence on folders that cannot be searched, or ""."""
        self.version = 0
        self._catalog = FollowedCatalog(root)
        self.previews: StampedCache[RunPreview] = StampedCache(MOST_PREVIEWS)
        self.sparklines: StampedCache[Sparkline] = StampedCache(MOST_FACTS)
        self.contents: StampedCache[FolderContent] = StampedCache(MOST_FACTS)
        self._selected: Path | None = None
        self._visible: Sequence[Path] = ()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._next_scan = self._next_preview = 0.0
        self._log: tuple[Path, LogReader] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._closed.clear()
        self._next_scan = 0.0
        self._thread = threading.Thread(target=self._work, name="jem-runs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread after the log that it reads; what it has read remains available."""
        self._closed.set()
        self._wake.set()

    def want(self, selected: Path | None, visible: Sequence[Path]) -> None:
        """Choose the run to preview, and the runs whose sizes and sparklines are displayed."""
        if (selected, visible) != (self._selected, self._visible):
            if selected != self._selected:
                self._next_preview = 0.0
            self._selected, self._visible = selected, visible
            self._wake.set()

    def search_again(self) -> None:
        """Search for runs now."""
        self._next_scan = 0.0
        self._wake.set()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._wake.clear()
            if time.monotonic() >= self._next_scan:
                self._scan()
            if not self._read_one():
                self._wake.wait(max(0.05, min(self._next_scan - time.monotonic(), LIVE_SECONDS)))

    def _scan(self) -> None:
        began = time.thread_time()
        found = attempt(self._catalog.scan)
        self.runs, self.problem = ((), found) if isinstance(found, str) else (found, self._catalog.left_out)
        self.searched = True
        self.version += 1
        self._next_scan = time.monotonic() + max(SCAN_SECONDS, SCAN_SHARE * (time.thread_time() - began))

    def _read_one(self) -> bool:
        """Read the preview of the selected run, or else the content of a visible run; return False if both are current."""
        known = {run.path: run for run in self.runs}
        selected = known.get(self._selected) if self._selected is not None else None
        if selected is not None and self._is_due(selected):
            self._read_preview(selected)
            return True
        for path in self._visible:
            run = known.get(path)
            if run is not None and not self.contents.is_current(run):
                self._measure(run)
                return True
            if run is not None and not self.sparklines.is_current(run):
                self._read_sparkline(run)
                return True
        return False

    def _is_due(self, run: CatalogRun) -> bool:
        return not self.previews.is_current(run) and time.monotonic() >= self._next_preview

    def _read_preview(self, run: CatalogRun) -> None:
        from jem_tui.tui.browser.run_preview import RunPreview, Sparkline, preview_of, sparkline_of

        recording = attempt(lambda: self._recording(run))
        if isinstance(recording, str):
            self.previews.put(run, RunPreview(sentence=recording))
            self.sparklines.put(run, Sparkline())
        else:
            preview = attempt(lambda: preview_of(recording))
            self.previews.put(run, RunPreview(sentence=preview) if isinstance(preview, str) else preview)
            line = attempt(lambda: sparkline_of(recording.points))
            self.sparklines.put(run, Sparkline() if isinstance(line, str) else line)
        self._next_preview = time.monotonic() + LIVE_SECONDS
        self.version += 1

    def _read_sparkline(self, run: CatalogRun) -> None:
        from jem_tui.stream.reader.log_cache import load_cache, read_recording
        from jem_tui.tui.browser.run_preview import Sparkline, sparkline_of

        def read() -> Sparkline:
            recording = load_cache(run.path) if run.log_bytes >= LARGE_LOG else read_recording(run.path)
            return Sparkline() if recording is None else sparkline_of(recording.points)

        line = attempt(read)
        self.sparklines.put(run, Sparkline() if isinstance(line, str) else line)
        self.version += 1

    def _measure(self, run: CatalogRun) -> None:
        from jem_tui.stream.runs.folder_size import measure_folder

        self.contents.put(run, measure_folder(run.path))
        self.version += 1

    def _recording(self, run: CatalogRun) -> Recording:
        """Read a log; of the run that was read last, only what was appended. Raises InputError."""
        from jem_tui.stream.reader.log_cache import load_cache
        from jem_tui.stream.reader.log_reader import LogReader

        if self._log is None or self._log[0] != run.path:
            if (cached := load_cache(run.path)) is not None:
                return cached
            self._log = run.path, LogReader(run.path)
        return self._log[1].read()
