"""The thread of a viewer that sends commands to the run."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

from jem_tui.events.commands import Command, InspectChain, SampleNow, ScoreDrawing
from jem_tui.stream.attach.connect import ByteStream
from jem_tui.stream.attach.messages import Ping, Steer, pack_message
from jem_tui.stream.attach.open_questions import OpenQuestions

PING_SECONDS = 5.0
"""Seconds without a command after which the run is sent a keep-alive request."""


class CommandSender:
    """Sends commands while a run is connected, and otherwise reports that they were not sent."""

    def __init__(self, report: Callable[[str], None], questions: OpenQuestions, *, view_only: bool) -> None:
        """Report each command that is not sent as a sentence to `report`; a `view_only` viewer sends none.

        Commands that the run answers become `questions`.
        """
        self.commands: SimpleQueue[Command] = SimpleQueue()
        """Commands to the run; a signal handler may enqueue one."""
        self.stream: ByteStream | None = None
        """The connection to a run that has been joined."""
        self._report = report
        self._questions = questions
        self._view_only = view_only
        self._closed = False
        self.thread = Thread(target=self._run, name="jem-viewer-commands", daemon=True)

    def close(self) -> None:
        """Stop the thread without sending what is enqueued."""
        self._closed = True
        # A command wakes the thread
        self.commands.put(SampleNow())

    def _run(self) -> None:
        while not self._closed:
            try:
                command = self.commands.get(timeout=PING_SECONDS)
            except Empty:
                self._write(pack_message(Ping()))
                continue
            if self._closed:
                return
            if self._view_only:
                continue
            if isinstance(command, InspectChain | ScoreDrawing):
                self._ask(command)
            elif not self._send(command) and not isinstance(command, SampleNow):
                self._report(
                    "The command was not sent, because the run is not connected. Repeat it once the run is connected."
                )

    def _send(self, command: Command) -> bool:
        return self._write(pack_message(Steer(command=command)))

    def _ask(self, command: InspectChain | ScoreDrawing) -> None:
        question = self._questions.ask(command)
        if question is not None and not self._write(pack_message(question)):
            self._questions.fail_all()

    def _write(self, data: bytes) -> bool:
        """Return whether there is a connection that has taken the bytes."""
        stream = self.stream
        if stream is None:
            return False
        try:
            stream.write(data)
        except OSError:
            # The thread that reads reports the loss
            stream.end()
            return False
        return True
