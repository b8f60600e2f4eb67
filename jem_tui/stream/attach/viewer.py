"""The viewer of a run in another process, in the place of the worker that drives a source."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Event as Signal
from threading import Thread

from jem_tui.errors import EXIT_CODES, JemError, Reason
from jem_tui.events.commands import Command
from jem_tui.events.event import At
from jem_tui.events.run import Event, Loading, Note, Stopped
from jem_tui.events.viewing import Connection
from jem_tui.printable import printable
from jem_tui.stream.attach.command_sender import CommandSender
from jem_tui.stream.attach.connect import ByteStream
from jem_tui.stream.attach.door_reader import DoorReader, ReadHistory, no_history
from jem_tui.stream.attach.lost_run import LostRun, death
from jem_tui.stream.attach.messages import Join, pack_message
from jem_tui.stream.attach.open_questions import OpenQuestions
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.inbox import Inbox

FIRST_DELAY, LONGEST_DELAY = 0.2, 2.0
"""Seconds between two attempts to connect: after the first, and after many."""
FIRST_PATIENCE = 1.0
"""Seconds of attempts to make the first connection, after which the viewer ends."""
MOST_WAITING = 64 << 20
"""Bytes of events in the inbox above which nothing is received, so that a screen that does not draw takes no more memory."""
_CHECK_SECONDS = 0.05


class Viewer:
    """Follows a run through its door, on threads of its own. The screen uses a viewer as it uses a worker.

    A lost connection is made again, and the run is then emitted from its start. Neither `close` nor a failure of the viewer
    ends the run.
    """

    def __init__(
        self,
        connect: Callable[[], ByteStream],
        run_dir: Path | None,
        author: str = "",
        *,
        view_only: bool = False,
        read_history: ReadHistory = no_history,
    ) -> None:
        """Prepare a viewer of the run in `run_dir`; None: its log is on another machine and arrives as a history.

        `connect` raises JemError or OSError. `author` is the name under which the run notes commands; a
        `view_only` viewer sends none.
        """
        self._connect = connect
        self._join = Join(author=author, view_only=view_only)
        log = RunLog(run_dir) if run_dir is not None else None
        self._lost = LostRun(run_dir, log) if run_dir is not None and log is not None else None
        self._questions = OpenQuestions()
        self._reader = DoorReader(log, read_history, self._questions.receive)
        self._sender = CommandSender(self._note, self._questions, view_only=view_only)
        self.commands: SimpleQueue[Command] = self._sender.commands
        """Commands to the run; a signal handler may enqueue one."""
        self._inbox = Inbox()
        self._closing = Signal()
        self._stream: ByteStream | None = None
        self._state = ""
        """The text of the last `Connection` that reported a loss; "" while the run is connected."""
        self._thread = Thread(target=self._run, name="jem-viewer", daemon=True)

    @property
    def ended(self) -> Stopped | None:
        """The end of the run or of this viewer, set once the last event is in the inbox."""
        return self._inbox.ended

    @property
    def stated_run_dir(self) -> str:
        """The folder of the run on its machine, as the run states it; "" before the first connection."""
        return self._reader.run_dir

    def start(self) -> None:
        """Start the threads."""
        self._thread.start()
        self._sender.thread.start()

    def send(self, command: Command) -> None:
        """Enqueue a command for the run."""
        self.commands.put(command)

    def received(self) -> Iterator[Event]:
        """Yield the events in the inbox without waiting; the last one is a `Stopped`."""
        return self._inbox.received()

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the run or the viewer has ended, waiting for each."""
        return self._inbox.until_stopped()

    def close(self, timeout: float) -> bool:
        """Leave the run, which continues; wait at most `timeout` seconds, and return whether the threads have ended."""
        self._closing.set()
        stream = self._stream
        if stream is not None:
            stream.end()
        deadline = time.monotonic() + timeout
        self._sender.close()
        for thread in (self._thread, self._sender.thread):
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not (self._thread.is_alive() or self._sender.thread.is_alive())

    def _run(self) -> None:
        try:
            self._put(Loading(step=0, images=0, time=time.time(), text="connecting to the run"))
            self._follow()
            self._inbox.end(self._stopped("stopped"))
        except Exception as error:
            text = f"Unexpected {type(error).__name__}: {error}. The run continues without this viewer."
            self._inbox.end(self._stopped("failed", text, traceback.format_exc()))
        finally:
            self._sender.close()

    def _follow(self) -> None:
        """Connect again and again until the run has ended or the viewer is closed."""
        began, delay = time.monotonic(), FIRST_DELAY
        while True:
            connected = time.monotonic()
            why = self._visit()
            if self._closing.is_set() or self.ended is not None:
                return
            if self._reader.hello is not None and time.monotonic() - connected > LONGEST_DELAY:
                delay = FIRST_DELAY
            elif not self._reader.run_id and time.monotonic() - began > FIRST_PATIENCE:
                self._inbox.end(self._stopped("refused", f"The run cannot be joined: {why}."))
                return
            if self._lost is not None and self._reader.run_id and self._lost.has_ended():
                self._emit(self._lost.last_events(self._reader.at))
                return
            self._report_loss(why)
            self._closing.wait(delay)
            delay = min(LONGEST_DELAY, 2 * delay)

    def _visit(self) -> str:
        """Follow the run over one connection, and return why that has ended, in a few words."""
        self._reader.begin_connection()
        try:
            stream = self._stream = self._connect()
        except (JemError, OSError) as error:
            return _cause(error)
        try:
            stream.write(pack_message(self._join))
            for data in self._received_from(stream):
                self._emit(self._reader.events(data))
                if self.ended is not None:
                    return ""
            return self._reader.refusal or stream.end_cause() or "the run has closed the connection"
        except OSError as error:
            return stream.end_cause() or _cause(error)
        except Exception as error:
            return _cause(error)
        finally:
            self._sender.stream = self._stream = None
            self._questions.fail_all()
            stream.end()
            stream.close()

    def _received_from(self, stream: ByteStream) -> Iterator[bytes]:
        """Yield bytes until the end of the connection."""
        while not self._closing.is_set() and (data := stream.read()):
            yield data

    def _joined(self) -> None:
        """Let commands pass, once the run has greeted the viewer."""
        self._sender.stream = self._stream
        self._state = ""
        if self._lost is not None:
            self._lost.found()

    def _emit(self, events: Iterable[Event]) -> None:
        """Put events into the inbox, up to the end of the run, with a break while the inbox is full."""
        for event in events:
            while self._inbox.waiting_bytes > MOST_WAITING and not self._closing.is_set():
                self._closing.wait(_CHECK_SECONDS)
            if self._closing.is_set():
                return
            if isinstance(event, Stopped):
                self._inbox.end(with_known_reason(event))
                return
            if isinstance(event, Connection):
                self._put_state(event)
            else:
                self._put(event)

    def _put(self, event: Event) -> None:
        self._inbox.put(event)

    def _put_state(self, event: Connection) -> None:
        """Put a new state of the connection into the inbox; do nothing for a loss that is already known."""
        if event.connected:
            self._joined()
        elif event.text == self._state:
            return
        else:
            self._state = event.text
        self._put(event)

    def _report_loss(self, why: str) -> None:
        """Emit the loss of the connection, once for each cause; the reader emits a refusal itself."""
        if self._reader.hello is None and self._reader.refusal:
            return
        text = f"No connection: {why.rstrip('.')}. The viewer reconnects automatically."
        if self._lost is not None and self._lost.is_dead:
            text = death()
        if self._reader.run_id:
            self._put_state(Connection(**self._now().fields(), connected=False, text=printable(text)))

    def _note(self, text: str) -> None:
        self._inbox.put(Note(**self._now().fields(), text=text, kind="warning"))

    def _now(self) -> At:
        at = self._reader.at
        return At(at.step, at.images, time.time())

    def _stopped(self, reason: Reason, error: str = "", details: str = "") -> Stopped:
        return Stopped(**self._now().fields(), reason=reason, error=printable(error), details=details)


def with_known_reason(stopped: Stopped) -> Stopped:
    """Return the end of a run, as a failure if this version does not know its reason."""
    if stopped.reason in EXIT_CODES:
        return stopped
    text = (
        f"The run has ended for a reason that this version of jem-tui does not know: {stopped.reason}. {stopped.error}"
    )
    return replace(stopped, reason="failed", error=printable(text).rstrip())


def _cause(error: Exception) -> str:
    """Describe why a connection cannot be made or has ended, in a few words."""
    if isinstance(error, JemError):
        return str(error).rstrip(".")
    if isinstance(error, ConnectionError):
        return "the run has closed the connection"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return f"unexpected {type(error).__name__}: {error}"
