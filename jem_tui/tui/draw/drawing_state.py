"""The state of the draw screen: the drawing, its chain, its score, and the next request to the scorer. No widget is known here."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from jem_tui.events.drawing import (
    DrawingAnswer,
    DrawingFailure,
    DrawingModel,
    DrawingProgress,
    DrawingRequest,
    DrawingScore,
    EnergyReference,
)
from jem_tui.tui.draw.centring import centred
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, Pixels

MOST_ENERGIES = 2_000
"""Number of energies of a chain that are kept for its curve."""
PACES = (1, 2, 5, 10, 20)
"""Sampler steps between two scores of a chain that runs."""


@dataclass
class DrawingState:
    """A drawing with its chain. One request at a time is with the scorer."""

    canvas: DrawingCanvas | None = None
    """None until the shape of the run's images is known."""
    model: DrawingModel | None = None
    """None until a scorer has answered for the first time."""
    ready: bool = False
    """True once the current scorer has opened its model."""
    reference: EnergyReference | None = None
    score: DrawingScore | None = None
    """The newest score of the drawing or of its chain."""
    progress: str = "starting"
    """The activity of a scorer that is not ready."""
    failure: str = ""
    """The failure of the newest request."""
    closed: bool = False
    """True if no later request can succeed."""
    running: bool = False
    """True while the chain runs."""
    pace: int = PACES[1]
    label: int | None = None
    """The class that the chain is moved towards; None for p(x)."""
    saved: int = 0
    """The revision of the drawing that is in a file; 0 for a drawing without changes."""
    centres: bool = False
    """True if drawings are centred as in MNIST before they are scored."""
    energies: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_ENERGIES))
    """Energies of the chain, from that of the drawing on."""
    _number: int = 0
    _waiting: bool = False
    _scored: int | None = None
    """The revision of the drawing that the chain starts from; None if the drawing is to be scored again."""
    _first: int = 0
    """The number of the request that started the chain."""
    _steps: int = 0
    """Single steps that the user has asked for."""

    @property
    def moved(self) -> int:
        """Sampler steps between the drawing and the displayed state of its chain."""
        current = self.canvas is not None and self._scored == self.canvas.revision
        return self.score.moved if current and self.score is not None and self.score.number >= self._first else 0

    @property
    def chain(self) -> Pixels | None:
        """The state of the chain; None while the drawing itself is displayed."""
        return self.score.image if self.score is not None and self.moved else None

    @property
    def stamp(self) -> object:
        """A value that differs when the displayed image or the words in its place differ."""
        canvas = None if self.canvas is None else (self.canvas.revision, self.canvas.pressed)
        score = None if self.score is None else self.score.number
        return (
            id(self.canvas),
            canvas,
            score,
            self.running,
            self.pace,
            self.label,
            self.reference,
            self.moved,
            self.centres,
            self.ready,
            self.progress,
            self.failure,
            self.closed,
        )

    @property
    def displayed(self) -> Pixels | None:
        """The displayed image: the state of the chain if there is one, or else the drawing; None before the drawing."""
        return self.chain if self.chain is not None or self.canvas is None else self.canvas.pixels

    @property
    def unsaved(self) -> bool:
        """True if strokes would be lost with the drawing."""
        return self.canvas is not None and not self.canvas.is_blank and self.canvas.revision != self.saved

    @property
    def is_blank(self) -> bool:
        """True if nothing is drawn and no chain is displayed."""
        return self.canvas is not None and self.canvas.is_blank and not self.moved

    @property
    def scored_image(self) -> Pixels | None:
        """The image behind the newest score, which can be a centred drawing."""
        return self.score.image if self.score is not None else None

    def next_request(self) -> DrawingRequest | None:
        """Return the request that is due, if the scorer is idle."""
        if self._waiting or self.closed or (self.model is None and self._number):
            return None
        request = self._due()
        if request is not None:
            self._waiting = True
            self._number += 1
        return request

    def take(self, answer: DrawingAnswer) -> None:
        """Reduce an answer of the scorer."""
        match answer:
            case DrawingProgress(text=text):
                self.progress = text
            case DrawingModel():
                self._waiting = False
                self._open(answer)
            case EnergyReference():
                self.reference = answer
            case DrawingScore():
                self._waiting, self.failure = False, ""
                self._show(answer)
            case DrawingFailure(text=text, final=final):
                self._waiting, self.running, self._steps = False, False, 0
                self.failure, self.closed = text, self.closed or final

    def note_saved(self) -> None:
        """Mark the drawing as saved in a file, until it changes."""
        self.saved = self.canvas.revision if self.canvas is not None else 0

    def run_or_stop(self) -> None:
        """Let the chain run, or stop it."""
        self.running = not self.running
        self._steps = 0

    def step(self) -> None:
        """Request one more step of the chain, and stop a chain that runs."""
        self.running = False
        self._steps += 1

    def change_pace(self, by: int) -> None:
        """Choose a higher pace of the chain, or a lower one if `by` is negative."""
        index = PACES.index(self.pace) + by
        self.pace = PACES[max(0, min(len(PACES) - 1, index))]

    def restore(self) -> None:
        """Stop the chain and return to the drawing."""
        self.running, self._steps, self._scored = False, 0, None

    def keep_chain(self) -> None:
        """Make the displayed state of the chain the drawing, which can be undone; without a chain, nothing changes."""
        if self.canvas is not None and self.chain is not None:
            self.canvas.replace(self.chain)
            self.centres = False
            self.restore()

    def toggle_centring(self) -> bool:
        """Switch the centring of drawings as in MNIST on or off, and stop the chain; return False where images have colours."""
        if self.canvas is not None and self.canvas.shape[2] != 1:
            return False
        self.centres = not self.centres
        self.restore()
        return True

    def choose_label(self, label: int) -> None:
        """Move the chain towards one class; a second time, towards all images of the model again."""
        if self.model is not None and label < len(self.model.class_names):
            self.label = None if self.label == label else label

    def next_label(self) -> None:
        """Move the chain towards the next class; after the last one, towards all images of the model."""
        if self.model is not None:
            following = 0 if self.label is None else self.label + 1
            self.label = following if following < len(self.model.class_names) else None

    def forget_scorer(self) -> None:
        """Ask a new scorer for everything again; the drawing stays."""
        self._waiting, self._number, self.closed, self.running, self.ready = False, 0, False, False, False
        self._first, self._scored, self.score, self.reference = 0, None, None, None
        self.progress = "starting"
        self.failure, self._steps = "", 0

    def _due(self) -> DrawingRequest | None:
        if not self._number:
            return DrawingRequest(number=0)
        assert self.canvas is not None
        if self._scored != self.canvas.revision:
            self._scored, self._first = self.canvas.revision, self._number
            pixels = centred(self.canvas.pixels, self.canvas.paper) if self.centres else self.canvas.pixels
            return DrawingRequest(number=self._number, pixels=pixels.copy())
        steps = self.pace if self.running else min(self._steps, PACES[-1])
        if not steps:
            return None
        self._steps = 0 if self.running else self._steps - steps
        return DrawingRequest(number=self._number, steps=steps, label=self.label)

    def _open(self, model: DrawingModel) -> None:
        self.model, self.ready = model, True
        if self.canvas is None or self.canvas.shape != model.shape:
            self.canvas = DrawingCanvas(model.shape, model.paper)
        self.canvas.change_paper(model.paper)

    def _show(self, score: DrawingScore) -> None:
        if not score.moved:
            self.energies.clear()
        self.score = score
        self.energies.append(score.energy)
