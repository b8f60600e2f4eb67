"""The base class of the app, with its exits: a key, a dialog, a signal, the loss of the terminal, and the end of the run.

A run of this process is stopped before the app exits. A run of another process continues unless the user asks to stop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.messages import ExitApp

from jem_tui.errors import Reason
from jem_tui.tui.exiting.exit_request import ExitRequest
from jem_tui.tui.exiting.failure_screen import FailureScreen, failure_title
from jem_tui.tui.exiting.quit_screen import OF_SCRIPT, OF_VIEWER, QuitChoice, QuitScreen, choices_of_owner
from jem_tui.tui.supervision.exporting_app import ExportingApp

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from jem_tui.events.run import Stopped
    from jem_tui.tui.preferences.preferences import Preferences
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.state.session import Session
    from jem_tui.tui.terminal.graphics_probe import Graphics


class ExitingApp(ExportingApp["Stopped"]):
    """An app that exits when the run has ended or the user quits; `run` returns the end of the run, or None after a detachment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+c",
            "interrupt",
            "quit",
            id="interrupt",
            tooltip="Quit; press twice to quit at once.",
            show=False,
            priority=True,
        )
    ]

    def __init__(
        self,
        run: RunHandle,
        run_dir: str,
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
        graphics: Graphics | None = None,
    ) -> None:
        super().__init__(preferences, glyphs, graphics)
        self.run_handle = run
        self.exit_request = ExitRequest()
        self._run_dir = run_dir
        self._session: Session | None = None
        self._ended: Stopped | None = None

    @property
    def may_be_silent(self) -> bool:
        """True once the app only waits for the end of the run."""
        return self.exit_request.waiting

    def on_unmount(self) -> None:
        if self.failure is None:
            self.run_handle.detached = self.run_handle.ended is None
            if self._session is not None:
                self._session.close(self.exit_request.seconds_left)

    async def action_quit(self) -> None:
        """Quit at once if no progress can be lost and nothing can be chosen, otherwise ask."""
        self._quit("stopped")

    def action_interrupt(self) -> None:
        """Quit as for `q`; the second time, or in a viewer, at once and without a question."""
        if self.exit_request.waiting or isinstance(self.screen, QuitScreen) or self._attached:
            self._leave(save=False, reason="interrupted")
        else:
            self._quit("interrupted")

    def action_detach(self) -> None:
        """Exit; a run of another process continues."""
        self._leave(save=False, reason="stopped")

    def action_attach(self) -> None:
        """Exit from the replay of a live run, to which the command then attaches."""
        self.run_handle.attach_requested = True
        self._leave(save=False, reason="stopped")

    def on_exit_app(self, event: ExitApp) -> None:
        """Save before exiting when the browser tab is closed, as for a signal."""
        if not self.exit_request.waiting and self._ended is None and self._at_risk:
            event.prevent_default()
            self.on_signal()

    def on_hung_up(self) -> None:
        """Save and exit after the loss of the terminal, which a signal and the driver both report."""
        if not self.exit_request.waiting or self._attached:
            self._leave(save=self._at_risk, reason="interrupted")

    def on_signal(self) -> None:
        """Save and exit; at the second signal, exit at once."""
        repeated = self.exit_request.signal()
        self._leave(save=self._at_risk and not repeated, reason="interrupted")

    def _end(self, stopped: Stopped, *, shown: bool) -> None:
        """Handle the end of the run: exit if the user has quit, otherwise display an error, if there is one."""
        self._ended = stopped
        if self.exit_request.waiting or (self.run_handle.role.ends_script and not shown):
            self.exit(stopped)
            return
        if isinstance(self.screen, QuitScreen):
            self.screen.dismiss("cancel")
        title = failure_title(stopped, attached=self._attached, shown=shown)
        if title:
            hint = "{failure-close} close" if shown else "{failure-close} quit"
            panel = FailureScreen(title, stopped, self._run_dir if shown else "", hint)
            self.push_screen(panel, lambda _: None if shown else self.exit(stopped))

    def _quit(self, reason: Reason) -> None:
        session = self._session
        if self._ended is not None or session is None:
            self.exit(self._ended)
        elif not (session.at_risk or session.can_stop_elsewhere):
            self._leave(save=False, reason=reason)
        elif not isinstance(self.screen, QuitScreen):
            self.push_screen(self._quit_screen(), partial(self._chosen, reason))

    def _quit_screen(self) -> QuitScreen:
        waiting = "Stopping: the checkpoint is not written yet" if self.exit_request.waiting else ""
        if self._attached:
            return QuitScreen(waiting or "Leave the run?", OF_VIEWER)
        if self.run_handle.role.ends_script and not self.run_handle.role.trains:
            return QuitScreen("Stopping: the script has not ended yet" if waiting else "Stop the script?", OF_SCRIPT)
        return QuitScreen(waiting or "Quit training?", choices_of_owner(*self._steps()))

    def _steps(self) -> tuple[int, int | None]:
        """Return the step of the run, and that of its newest checkpoint."""
        run = self._session.state.run if self._session is not None else None
        if run is None:
            return 0, None
        from jem_tui.tui.state.confirmations import newest_checkpoint

        return run.step, newest_checkpoint(run, here=not self.run_handle.role.ends_script)

    def _chosen(self, reason: Reason, choice: QuitChoice | None) -> None:
        if choice in ("save", "now", "detach") and self._ended is None:
            self._leave(save=choice == "save", reason=reason)

    def _leave(self, *, save: bool, reason: Reason) -> None:
        """Stop the run and exit when it has stopped, without a checkpoint after at most `PATIENCE` seconds.

        A run of another process is stopped only with a checkpoint; otherwise the app exits and the run continues.
        """
        self.exit_request.reason = reason
        if self._session is None or self._ended is not None or (self._attached and not save):
            self.exit(self._ended)
            return
        self.exit_request.wait(save=save)
        self._session.stop(save=save, reason=reason)

    @property
    def _attached(self) -> bool:
        """True if the run belongs to another process."""
        return self.run_handle.role.attachment is not None

    @property
    def _at_risk(self) -> bool:
        """True if an exit now would lose progress."""
        return self._session is not None and self._session.at_risk
