"""The thread that follows a script: its output, its run, and its end, in the place of the worker that drives a source."""

from __future__ import annotations

import codecs
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from jem_tui.errors import EXIT_CODES, Reason
from jem_tui.events.commands import Command, Stop
from jem_tui.events.event import At, AtFields
from jem_tui.events.run import Event, Loading, Paused, Resumed, RunStarted, Stopped
from jem_tui.events.viewing import Printed
from jem_tui.launch.script import Script
from jem_tui.stream.attach.door_file import DoorFile
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.stream.inbox import Inbox

TICK = 1 / 30
"""Seconds between two readings of the output."""
MOST_READS = 16
"""Reads of the output in one tick."""
MOST_WAITING = 64
"""Events in the inbox above which no output is read, so that a reader that is slower than the script takes no more memory."""
MOST_PRINTED = 1 << 16
"""Bytes of one `Printed`; of more output at once, the newest is displayed."""
LAST_PATIENCE = 3.0
"""Seconds to wait for the last events of a run after the end of the script."""
PATIENCE = (2.0, 5.0, 5.0)
"""Seconds that a stop without a checkpoint gives the script before each of `INTERRUPTIONS`."""


class ScriptWorker:
    """Emits the output of a script and the events of its newest run; the last event is a `Stopped` after the end of the script.

    A `Stop` with a checkpoint is passed to the run, which may take its time; a script without a run is interrupted. A `Stop` without
    one is passed to the run, too, and a script that does not end is interrupted, then terminated, then killed.
    """

    def __init__(self, script: Script, join: Callable[[DoorFile], Viewer], *, display: bool = True) -> None:
        """Prepare to follow a script. `join` makes a viewer of a run; without `display`, a run is only joined to stop it."""
        self.commands: SimpleQueue[Command] = SimpleQueue()
        """Commands to the run; a signal handler may enqueue one."""
        self.run_dir: Path | None = None
        """Folder of the newest run of the script; None before a run has begun."""
        self.reason: Reason | None = None
        """The reason of the newest `Stop`."""
        self._script = script
        self._join = join
        self._display = display
        self._inbox = Inbox()
        self._door: DoorFile | None = None
        self._viewer: Viewer | None = None
        self._joined = False
        """True once the viewer has received the run."""
        self._paused = False
        self._waiting: Stop | None = None
        """A stop that the run has not received."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._deadlines: list[float] = []
        """Times at which the script is interrupted unless it has ended."""
        self._at = At(0, 0, time.time())
        self._thread = Thread(target=self._run, name="jem-script", daemon=True)

    @property
    def ended(self) -> Stopped | None:
        """The end of the script, set once the last event is in the inbox."""
        return self._inbox.ended

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def received(self) -> Iterator[Event]:
        """Yield the events that have arrived, without waiting for more."""
        return self._inbox.received()

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the script has ended, waiting for each."""
        return self._inbox.until_stopped()

    def send(self, command: Command) -> None:
        """Enqueue a command for the script and its run."""
        self.commands.put(command)

    def close(self, timeout: float) -> bool:
        """Stop the script without a checkpoint, wait at most `timeout` seconds, and return whether it has ended."""
        if self.ended is None:
            self.send(Stop(save=False))
        self._thread.join(timeout)
        return self.ended is not None

    def _run(self) -> None:
        try:
            self._emit(Loading(**self._now(), text="waiting for the first step of the run"))
            while self._script.exit_code is None:
                self._follow()
                self._pass_commands()
            while self._follow():
                pass
            self._inbox.end(self._stopped(self._end_of_run()))
        except Exception as error:
            text = f"Unexpected {type(error).__name__}: {error}. The script continues."
            self._inbox.end(Stopped(**self._now(), reason="failed", error=text, details=traceback.format_exc()))

    def _follow(self) -> bool:
        """Emit the newest output and the newest events of the run; return whether there is more output."""
        data = b""
        waits = len(self._inbox) > MOST_WAITING
        if waits:
            time.sleep(TICK)
        # A script can print faster than it is read
        for _ in range(0 if waits else MOST_READS):
            data = self._script.log.read()
            text = self._decode(data)
            if text:
                self._emit(Printed(**self._now(), text=text[-MOST_PRINTED:] if self._display else text))
            if not data:
                break
        door = self._script.door
        if door is not None and door != self._door:
            self._begin_run(door)
        self._forward()
        return waits or bool(data)

    def _begin_run(self, door: DoorFile) -> None:
        self._leave_run()
        self._door, self.run_dir = door, Path(door.run_dir)
        self._script.log.move_to(self.run_dir)
        if self._display:
            self._join_run()

    def _join_run(self) -> Viewer | None:
        """Return the viewer of the current run; None before a run has begun."""
        if self._viewer is None and self._door is not None:
            self._viewer = self._join(self._door)
            self._viewer.start()
        return self._viewer

    def _leave_run(self) -> None:
        if self._viewer is not None:
            self._viewer.close(LAST_PATIENCE)
            self._viewer, self._joined = None, False
        if self._paused:
            self._emit(Resumed(**self._now()))

    def _forward(self) -> None:
        """Emit the events of the run. Its end is emitted with the end of the script, which may continue."""
        if self._viewer is not None:
            for event in self._viewer.received():
                self._joined = self._joined or isinstance(event, RunStarted)
                if not isinstance(event, Stopped):
                    self._emit(event)

    def _pass_commands(self) -> None:
        """Pass on commands for the length of a tick, and interrupt a script that is to end and has not."""
        with suppress(Empty):
            command = self.commands.get(timeout=TICK)
            if isinstance(command, Stop):
                self._stop(command)
            elif self._viewer is not None:
                self._viewer.send(command)
        self._pass_stop()
        if self._deadlines and time.monotonic() > self._deadlines[0]:
            self._deadlines.pop(0)
            self._script.interrupt()

    def _stop(self, stop: Stop) -> None:
        self.reason = stop.reason
        viewer = self._join_run()
        running = viewer is not None and viewer.ended is None
        if running:
            self._waiting = stop
        elif stop.save:
            self._script.interrupt()
        if not stop.save and not self._deadlines:
            first = time.monotonic() + (PATIENCE[0] if running else 0.0)
            self._deadlines = list(accumulate((first, *PATIENCE[1:])))

    def _pass_stop(self) -> None:
        """Pass on a stop once the run has greeted its viewer; interrupt a script whose run has ended meanwhile."""
        if self._waiting is None or self._viewer is None:
            return
        if self._viewer.ended is not None:
            self._script.interrupt()
        elif self._joined:
            self._viewer.send(self._waiting)
        else:
            return
        self._waiting = None

    def _end_of_run(self) -> Stopped | None:
        """Return the end of the run once its last events are emitted; None without a run or after `LAST_PATIENCE`."""
        viewer = self._viewer
        if viewer is None:
            return None
        deadline = time.monotonic() + LAST_PATIENCE
        while viewer.ended is None and time.monotonic() < deadline:
            self._forward()
            time.sleep(TICK)
        self._forward()
        self._leave_run()
        return viewer.ended

    def _stopped(self, run: Stopped | None) -> Stopped:
        """Return the end of the script: that of its run, unless the exit code reports a failure."""
        code = self._script.exit_code
        if run is not None and self._script.is_own and code == EXIT_CODES[run.reason]:
            return run
        stopped = Stopped(**self._now(), reason=self.reason or "finished")
        if run is not None and run.reason not in ("refused", "failed"):
            stopped = run
        if not code or self.reason is not None:
            return stopped
        error = f"{self._script.name} ended with exit code {code}."
        if run is not None and run.reason == "failed" and run.error:
            error = f"{run.error} {error}"
        return replace(stopped, reason="failed", error=error)

    def _emit(self, event: Event) -> None:
        self._at = At(event.step, event.images, event.time)
        if isinstance(event, Paused | Resumed):
            self._paused = isinstance(event, Paused)
        self._inbox.put(event)

    def _now(self) -> AtFields:
        return At(self._at.step, self._at.images, time.time()).fields()
