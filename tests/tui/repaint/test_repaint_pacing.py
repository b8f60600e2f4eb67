"""Pacing of repaints and requests, with clocks that the tests set."""

from __future__ import annotations

from jem_tui.events.commands import Seek
from jem_tui.events.run import Note, Paused, Resumed
from jem_tui.tui.repaint.cpu_budget import AT_LEISURE, WHILE_TRAINING, CpuBudget
from jem_tui.tui.repaint.scheduler import RepaintScheduler, ScheduledPane
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import RunView
from tests.tui.sources import run_started, samples, step_done

TICK = 1 / 15


def repaints(cost: float, share: float, seconds: float = 60.0, interval: float = 0.125) -> int:
    """Return how often a pane is drawn that costs `cost` seconds and always changes."""
    budget, count, spent, now = CpuBudget(0.0), 0, 0.0, 0.0
    while now < seconds:
        now += TICK
        budget.settle(now, spent, share)
        spent = 0.0
        if budget.due("pane", interval):
            budget.painted("pane")
            count, spent = count + 1, cost
    return count


def test_an_inexpensive_pane_is_drawn_at_its_interval():
    assert 60 / (0.125 + TICK) <= repaints(cost=0.0005, share=WHILE_TRAINING) <= 60 / 0.125


def test_drawing_stays_below_its_share_of_cpu_time():
    assert repaints(cost=0.02, share=WHILE_TRAINING) * 0.02 <= 60 * WHILE_TRAINING + 0.1
    assert repaints(cost=0.02, share=AT_LEISURE) > 2 * repaints(cost=0.02, share=WHILE_TRAINING)


def test_an_expensive_pane_is_drawn_every_two_seconds():
    assert 25 <= repaints(cost=5.0, share=WHILE_TRAINING) <= 31


class Screen:
    """Scheduler of one pane, with clocks that the tests set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.content = 0
        self.draws = 0
        self.failures: list[Exception] = []
        self.visible = True
        self.run = RunView(run_started())
        pane = ScheduledPane(
            name="pane",
            interval=0.25,
            visible=lambda: self.visible,
            drawable=self,
            failed=self.failures.append,
        )
        self.cost = 0.0
        self.scheduler = RepaintScheduler([pane], now=lambda: self.now, cpu=lambda: self.cost)

    def stamp(self, run: RunView) -> int:
        return self.content

    def draw(self, run: RunView) -> None:
        self.draws += 1

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += TICK
            self.scheduler.tick(self.run, WHILE_TRAINING)


def test_an_unchanged_pane_is_not_drawn():
    screen = Screen()
    screen.tick(100)
    assert screen.draws == 1


def test_the_first_metrics_are_drawn_at_once_although_the_screen_was_expensive_to_open():
    screen = Screen()
    screen.tick()
    screen.cost += 10.0
    screen.content += 1
    screen.tick(4)
    assert screen.draws == 1
    screen.run.add_step(step_done(1), timed=True)
    screen.tick()
    assert screen.draws == 2
    screen.content += 1
    screen.tick(5)
    assert screen.draws == 3


def test_a_budget_without_free_seconds_counts_at_once():
    free, strict = CpuBudget(0.0, 1.0), CpuBudget(0.0)
    for budget in (free, strict):
        budget.painted("pane")
        budget.settle(0.5, 10.0, WHILE_TRAINING)
    assert free.due("pane", 0.25) and not strict.due("pane", 0.25)
    free.settle(1.1, 0.0, WHILE_TRAINING)
    assert not free.due("pane", 0.25)


def test_a_key_draws_changed_panes_immediately():
    screen = Screen()
    screen.tick()
    screen.content += 1
    screen.scheduler.draw_now(screen.run)
    assert screen.draws == 2


def test_a_hidden_pane_is_drawn_when_it_appears():
    screen = Screen()
    screen.visible = False
    screen.tick(10)
    assert screen.draws == 0
    assert not screen.scheduler.wants("pane")
    screen.visible = True
    screen.tick(10)
    assert screen.draws == 1


def test_another_run_with_an_equal_stamp_is_drawn():
    screen = Screen()
    screen.tick(10)
    screen.run = RunView(run_started())
    screen.tick(10)
    assert screen.draws == 2


def test_samples_are_requested_one_at_a_time_and_twice_per_second():
    pending = PendingCommands()
    assert pending.request_samples(0.0)
    assert not pending.request_samples(10.0)
    pending.observe(samples(1, requested=True))
    assert pending.request_samples(10.0)
    pending.observe(samples(2, requested=True))
    assert not pending.request_samples(10.4)


def test_a_paused_run_requests_samples_once_per_change():
    pending = PendingCommands()
    answers = []
    for now, change in enumerate(["step 1", "step 1", "step 2", "step 2", "step 2"]):
        answers.append(pending.request_samples(float(now), change))
        pending.observe(samples(1, requested=True))
    assert answers == [True, False, True, False, False]


def test_the_badge_shows_a_pending_command():
    pending = PendingCommands()
    pending.pause = True
    assert pending.word == "PAUSING"
    pending.observe(Paused(step=1, images=1, time=0.0))
    assert pending.word == ""
    pending.pause = False
    assert pending.word == "RESUMING"
    pending.observe(Resumed(step=1, images=1, time=0.0))
    pending.steps = 2
    pending.observe(step_done(2))
    assert pending.word == "STEPPING"
    pending.observe(step_done(3))
    assert pending.word == ""


def test_pending_steps_and_seeks_end_with_the_recording():
    pending = PendingCommands()
    pending.steps = 3
    pending.sent(Seek(step=900))
    pending.observe(Note(step=9, images=1, time=0.0, text="end of the recording", kind="end"))
    assert (pending.word, pending.seek) == ("", None)


def test_pending_commands_end_with_their_note_or_a_refusal():
    pending = PendingCommands()
    pending.save = pending.reseed = True
    assert pending.pending_text == "saving and changing chains"
    pending.observe(Note(step=1, images=1, time=0.0, text="saved", kind="checkpoint"))
    assert pending.pending_text == "changing chains"
    pending.observe(Note(step=1, images=1, time=0.0, text="cannot", kind="warning"))
    assert pending.pending_text == ""


def test_numbers_keep_their_width():
    assert {len(text_formats.rate(rate)) for rate in (None, 0.25, 99.94, 1234.5, 99_999.0)} == {6}
    assert {len(text_formats.duration(s)) for s in (None, 0, 59.6, 3599, 36_000, 99 * 3600, 100 * 3600)} == {8}
    assert text_formats.of_total(7, 12_000) == "     7/12,000"
    assert text_formats.of_total(7, 0) == "7"


def test_paths_are_shortened_in_the_middle():
    assert text_formats.shorten("runs/2026-11-23_1812-mnist-mini-3f9c", 20) == "runs/2026…-mini-3f9c"
    assert text_formats.shorten("runs/a", 20) == "runs/a"
    assert [len(text_formats.shorten("runs/abcdef", width)) for width in range(6)] == [0, 1, 2, 3, 4, 5]


def test_a_failed_pane_is_drawn_again_with_new_data_after_its_interval():
    scene = Screen()

    def fail(run):
        scene.draws += 1
        raise KeyError(scene.draws)

    scene.scheduler._panes[0].drawable.draw = fail
    scene.tick(30)
    assert (scene.draws, len(scene.failures)) == (1, 1)
    for _ in range(5):
        scene.content += 1
        scene.tick()
    assert scene.draws == len(scene.failures) <= 6
