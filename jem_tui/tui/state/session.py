"""The run as the screens use it: its state, its pending commands, and the ways to steer it."""

from __future__ import annotations

from time import perf_counter, time

from jem_tui.errors import Reason
from jem_tui.events.chain_facts import ChainState
from jem_tui.events.commands import (
    Adjust,
    Advance,
    Command,
    Pause,
    Reseed,
    Resume,
    SampleNow,
    ShowPictures,
    Stop,
)
from jem_tui.events.run import Stopped
from jem_tui.tui.state.abilities import DISPLAYED, accepts_now
from jem_tui.tui.state.chain_requests import ChainRequests
from jem_tui.tui.state.comparison import RunComparison
from jem_tui.tui.state.confirmations import Confirmations
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.replay_controls import ReplayControls
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_worker import RunWorker
from jem_tui.tui.state.screen_role import OWN_RUN, ScreenRole

DRAIN_SECONDS = 0.05
"""Maximum seconds that one tick spends on applying events; the next tick applies the rest."""


class Session:
    """Passes the user's commands to the worker and the worker's events to the run state."""

    def __init__(self, worker: RunWorker, role: ScreenRole = OWN_RUN) -> None:
        """Start with an empty state."""
        self._worker = worker
        self.role = role
        self.state: RunState = RunState()
        self.pending = PendingCommands()
        self.confirmations = Confirmations(self.pending)
        self.comparison = RunComparison(self.state)
        self.replay_controls = ReplayControls(self.state, self.pending, self.send)
        self.chain_requests = ChainRequests(self.send)

    def close(self, timeout: float) -> None:
        """Stop a run of this process without a checkpoint, or detach; wait at most `timeout` seconds for the end of the worker."""
        self.chain_requests.close()
        self._worker.close(timeout)

    def drain(self) -> bool:
        """Apply the events that the worker has sent, and return whether there were any."""
        deadline = perf_counter() + DRAIN_SECONDS
        ended = self._worker.ended
        count = 0
        for event in self._worker.received():
            try:
                self.state.apply(event)
            finally:
                # a request that stays pending would never be made again
                self.pending.observe(event)
            count += 1
            if count % 256 == 0 and perf_counter() > deadline:
                break
        if not count and ended is not None and self.state.stopped is None:
            # a screen that failed has taken the last event and lost it
            self.state.apply(ended)
        self.replay_controls.continue_drag()
        return count > 0

    def can(self, ability: str) -> bool:
        """Return whether a key that needs an ability works now: one of `DISPLAYED`, or one that the source accepts."""
        displays = DISPLAYED.get(ability)
        return displays(self) if displays is not None else accepts_now(self, ability)

    def accepts(self, command: Command) -> bool:
        """Return whether a command that the source accepts now also names a setting that the run has."""
        run = self.state.run
        if not isinstance(command, Adjust) or run is None:
            return True
        return command.name in run.info.knobs or not run.info.knobs

    @property
    def at_end_of_recording(self) -> bool:
        """True for a replay that has played everything."""
        run = self.state.run
        return run is not None and run.ended and "seek" in run.info.abilities

    @property
    def has_own_knobs(self) -> bool:
        """True while settings of a watched loop can be changed, most of which have no key."""
        run = self.state.run
        return run is not None and run.watched and bool(run.info.knobs) and self.can("adjust")

    @property
    def has_other_model(self) -> bool:
        """True for a watched loop and for another program's log, whose networks are unknown."""
        run = self.state.run
        return run is not None and (run.watched or run.foreign)

    @property
    def awaits_first_samples(self) -> bool:
        """True for a live watched loop without samples so far, whose pane stays hidden until they arrive."""
        run = self.state.run
        return run is not None and run.watched and run.live and run.samples is None

    @property
    def at_risk(self) -> bool:
        """True if an exit now would lose progress: a script, or a source of this process that can save, has not ended."""
        if self.role.ends_script:
            return self.state.stopped is None
        run = self.state.run
        alive = run is not None and self.state.stopped is None and "save" in run.info.abilities
        return alive and self.role.attachment is None

    @property
    def can_stop_elsewhere(self) -> bool:
        """True if this screen can stop a run of another process, which an exit alone would not."""
        return self.role.attachment is not None and self.can("steer")

    @property
    def training(self) -> bool:
        """True while a live source is running, which drawing must not slow down."""
        run = self.state.run
        return run is not None and run.live and self.state.active

    def send(self, command: Command) -> None:
        """Send a command to the source and record it as pending; some are sent at the second request only, see `Confirmations`."""
        if not self.confirmations.allow(
            command, self.state.run, here=self.role.attachment is None and not self.role.ends_script
        ):
            return
        if isinstance(command, Advance) and not self.state.paused:
            # a run that is not paused pauses after the step
            self.pending.pause = True
        self.pending.sent(command)
        self._worker.send(command)

    def toggle_pause(self) -> None:
        """Pause the source, or resume it if it is paused or about to be; at the end of a recording, play it again."""
        if self.at_end_of_recording:
            self.replay_controls.play_again()
            return
        paused = self.state.paused if self.pending.pause is None else self.pending.pause
        self.send(Resume() if paused else Pause())

    def reseed_chains(self, *rows: int) -> None:
        """Restart the chains in these rows of `Samples`."""
        self.send(Reseed(chains=rows))

    def request_samples(self, now: float) -> None:
        """Request the samples of a live source; `now`, in monotonic seconds, limits the rate, and a pause allows one request per change."""
        run = self.state.run
        if run is None or not (self.can("reseed") or self.can("samples")):
            return
        pause_key = (run.step, len(run.notes)) if self.state.paused else None
        if self.pending.request_samples(now, pause_key):
            self.send(SampleNow())

    def request_chain_facts(self, state: ChainState | None, now: float) -> None:
        """Request facts about a state of a chain, unless it is None; `now`, in monotonic seconds, limits the rate.

        A run that trains answers itself, if not at once: its process or viewer opens no second model while it stops or reconnects.
        Otherwise, the model in the run folder does, and a recording has the film.
        """
        run = self.state.run
        if state is None or run is None:
            return
        if self.can("inspect"):
            self.chain_requests.request(run, state.chain, now)
        trains = run.live and "inspect" in run.info.abilities and self.state.stopped is None and not self.role.view_only
        if not trains and not self.has_other_model:
            self.chain_requests.ask_model(run, state)

    def next_pictures(self) -> None:
        """Request the pictures of the next tag of another program's recording."""
        run = self.state.run
        if run is not None and run.pictures[1]:
            shown, tags = run.pictures
            following = tags.index(shown) + 1 if shown in tags else 0
            self.send(ShowPictures(tag=tags[following % len(tags)]))

    def stop(self, *, save: bool, reason: Reason = "stopped") -> None:
        """Stop the source, after the step and with a checkpoint if `save`, else at once."""
        self.send(Stop(save=save, reason=reason))

    def stopped_by_timeout(self, reason: Reason) -> Stopped:
        """Return the end of a run whose worker does not end in time, at the newest known step."""
        run = self.state.run
        step, images = (run.step, run.images) if run is not None else (0, 0)
        return Stopped(step=step, images=images, time=time(), reason=reason)
