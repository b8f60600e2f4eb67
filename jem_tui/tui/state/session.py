"""The run as the screens see it: its state, what was asked of it, and the ways to steer it."""

from __future__ import annotations

from time import perf_counter, time

from jem_tui.errors import Reason
from jem_tui.events.commands import Advance, Command, Pause, Resume, SampleNow, SaveNow, ShowPictures, Stop
from jem_tui.events.run import Stopped
from jem_tui.tui.state.comparison import RunComparison
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.replay_controls import ReplayControls
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.training_controls import TrainingControls
from jem_tui.tui.state.worker import Worker

DRAIN_SECONDS = 0.05
"""Longest time that one tick spends on taking in events; the rest waits for the next."""


class Session:
    """Between the keys and the worker."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.state = RunState()
        self.pending = PendingCommands()
        self.comparison = RunComparison(self.state)
        self.training_controls = TrainingControls(self.pending, self._send)
        self.replay_controls = ReplayControls(self.state, self.pending, self._send)

    def close(self, timeout: float) -> None:
        """Ask the worker for an end at once, and wait for it so many seconds at most."""
        self._worker.close(timeout)

    def drain(self) -> bool:
        """Take in what the worker sent, and say whether there was anything."""
        deadline = perf_counter() + DRAIN_SECONDS
        ended = self._worker.ended
        count = 0
        for event in self._worker.received():
            try:
                self.state.apply(event)
            finally:
                # a request that seems to be under way would never be made again
                self.pending.observe(event)
            count += 1
            if count % 256 == 0 and perf_counter() > deadline:
                break
        if not count and ended is not None and self.state.stopped is None:
            # a screen that failed has taken the last event and lost it
            self.state.apply(ended)
        self.replay_controls.settle()
        return count > 0

    def can(self, ability: str) -> bool:
        """Whether the source, as it is now, obeys such commands; "steer" stands for pause and step."""
        run = self.state.run
        if run is None or self.state.stopped is not None or self.pending.stop:
            return False
        if ability == "runs":
            return len(self.comparison) > 0
        return not run.ended if ability == "steer" else ability in run.info.abilities

    @property
    def at_risk(self) -> bool:
        """Whether leaving now would lose something: a source that can save has not ended."""
        run = self.state.run
        return run is not None and self.state.stopped is None and "save" in run.info.abilities

    @property
    def training(self) -> bool:
        """Whether a live source is at work, which drawing must not slow down."""
        return self.state.active and self.can("save")

    def toggle_pause(self) -> None:
        paused = self.state.paused if self.pending.pause is None else self.pending.pause
        self.pending.pause = not paused
        self._send(Resume() if paused else Pause())

    def step(self) -> None:
        """Do one more step, pausing first if the run goes freely."""
        if not self.state.paused:
            self.pending.pause = True
        self.pending.steps += 1
        self._send(Advance())

    def save(self) -> None:
        self.pending.save = True
        self._send(SaveNow())

    def request_samples(self, now: float) -> None:
        """Ask a live source for its chains as they are; `now` in monotonic seconds paces it, a pause allows one for every change."""
        run = self.state.run
        if run is None or not self.can("reseed"):
            return
        pause_key = (run.step, len(run.notes)) if self.state.paused else None
        if self.pending.samples(now, pause_key):
            self._send(SampleNow())

    def next_pictures(self) -> None:
        """Ask a recording for the pictures of its next tag."""
        run = self.state.run
        if run is not None and run.pictures[1]:
            shown, tags = run.pictures
            following = tags.index(shown) + 1 if shown in tags else 0
            self._send(ShowPictures(tag=tags[following % len(tags)]))

    def stop(self, *, save: bool, reason: Reason = "stopped") -> None:
        self.pending.stop = True
        self._send(Stop(save=save, reason=reason))

    def stopped_by_timeout(self, reason: Reason) -> Stopped:
        """How a run ends whose worker does not come back in time, from what is known of it."""
        run = self.state.run
        step, images = (run.step, run.images) if run is not None else (0, 0)
        return Stopped(step=step, images=images, time=time(), reason=reason)

    def _send(self, command: Command) -> None:
        self._worker.send(command)
