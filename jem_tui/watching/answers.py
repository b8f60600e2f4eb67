"""Commands of viewers, carried out by the functions of a watched loop and answered by events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import index

from jem_tui.errors import StopTraining
from jem_tui.events.commands import Adjust, Command, RollBack, SampleNow, SaveNow
from jem_tui.events.run import At, Event, Note, Rewound, Samples
from jem_tui.printable import printable
from jem_tui.watching.handlers import Handlers, answer, failure_note
from jem_tui.watching.knobs import Knobs
from jem_tui.watching.sample_source import SampleBatch, SampleSource
from jem_tui.watching.step_images import StepImages


class Answers:
    """Knobs, handlers and samples of a loop, as a function that applies commands. No exception of the loop's functions leaves it."""

    def __init__(self, position: StepImages, source: SampleSource, now: Callable[[], float]) -> None:
        self.knobs, self.handlers = Knobs(), Handlers()
        self._position = position
        self._source = source
        self._now = now
        self.owes_samples = False
        """True after a request for samples that no images have answered."""
        self.save_failure = ""
        """Why the newest attempt to save has failed, in one sentence; empty otherwise."""
        self._refused = False
        """True once images could not be displayed, which one note reports."""

    def at(self) -> At:
        """Return the position of the loop at the current time."""
        return At(self._position.step, self._position.images, self._now())

    @property
    def abilities(self) -> frozenset[str]:
        """Commands that the loop can carry out."""
        return self.handlers.abilities | {"samples"} | ({"adjust"} if self.knobs else frozenset())

    def apply(self, command: Command) -> Iterator[Event]:
        """Carry out a command and yield the events that follow; an exception becomes a note, except a `StopTraining`."""
        try:
            yield from self._carry_out(command)
        except StopTraining:
            raise
        except Exception as error:
            if isinstance(command, SaveNow):
                self.save_failure = printable(f"The checkpoint was not saved: {type(error).__name__}: {error}")[:500]
            yield failure_note(command, error, self.at())

    def samples(self, *, requested: bool) -> Iterator[Samples | Note]:
        """Yield the newest images as an event; a note instead the first time that they cannot be displayed."""
        try:
            event = self._source.event(self.at, requested=requested)
        except StopTraining:
            raise
        except Exception as error:
            if not self._refused:
                yield failure_note(SampleNow(), error, self.at())
            self._refused = True
        else:
            if event is not None:
                self.owes_samples = False
                yield event

    def _carry_out(self, command: Command) -> Iterator[Event]:
        match command:
            case SaveNow() if SaveNow in self.handlers:
                self.save_failure = ""
                yield from answer(command, self.handlers.call(command), self.at())
            case Adjust():
                yield from self.knobs.adjust(command, self.at)
            case SampleNow():
                yield from self._requested_samples(command)
            case RollBack() if RollBack in self.handlers:
                yield self._rolled_back(self.handlers.call(command))
            case _ if type(command) in self.handlers:
                yield from answer(command, self.handlers.call(command), self.at())
            case SaveNow():
                # A stop saves only where the loop can
                return
            case _:
                text = f"{type(command).__name__} is ignored: the loop has no handler for it"
                yield Note(**self.at().fields(), text=text, kind="warning")

    def _requested_samples(self, command: SampleNow) -> Iterator[Event]:
        """Call the handler, if there is one, and yield the images that it returns, or else the newest ones of the loop.

        Without any images the next ones of the loop are the answer.
        """
        self.owes_samples = True
        if SampleNow in self.handlers:
            images = self.handlers.call(command)
            # A handler without a result has passed its images to the run itself
            if images is None:
                return
            self._source.keep(SampleBatch(images=images))
        yield from self.samples(requested=True)

    def _rolled_back(self, step: object) -> Rewound:
        """Return the event of a rollback to the step that the handler has restored."""
        if step is None or isinstance(step, bool) or not hasattr(step, "__index__"):
            raise TypeError(f"the handler of RollBack must return the step that it has restored, not {step!r}")
        lost = self._position.step
        self._position.roll_back(index(step))
        return Rewound(
            **self.at().fields(),
            from_step=lost,
            rate_factor=1.0,
            steps_factor=1.0,
            reseeded=0,
            attempt=0,
            attempts=0,
        )
