"""The selected chain over the whole screen: its state, its class probabilities, the training images that it resembles, its history and its film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.chain_facts import ChainFilm, ChainInspection
from jem_tui.events.recording import Picture
from jem_tui.events.run import Samples
from jem_tui.printable import printable
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.raster.tiles.tile_frame import tile_at
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.fast_strips import BareContainer
from jem_tui.tui.samples.chain_on_screen import ChainOnScreen
from jem_tui.tui.samples.chain_order import take_chains
from jem_tui.tui.samples.chain_words import history_rows, probability_rows, properties_of
from jem_tui.tui.samples.tile_grid import TileGrid

FILM_ROWS, SMALL_FILM_ROWS = 8, 6
"""Rows of the film without its heading, and of a small film."""
ROOM_FOR_FILM, ROOM_FOR_HISTORY, ROOM_FOR_LARGE_FILM, ROOM_FOR_IMAGES = 16, 26, 30, 22
"""Minimum rows of the pane for the film, for the history as well, for a film of large tiles, and of the facts for the training images.

A small film leaves the chosen state the rows of a digit in half-blocks.
"""


class EnlargedChain(Container):
    """The view of one chain; the samples pane decides which."""

    def __init__(self) -> None:
        super().__init__(id="enlarged")
        self._shown: ChainOnScreen | None = None
        self._places: list[int] = []
        """Indices of the displayed states in the film."""

    def compose(self) -> ComposeResult:
        with BareContainer(id="enlarged-top"):
            yield TileGrid(id="enlarged-state")
            with BareContainer(id="enlarged-facts"):
                yield Static(id="enlarged-words", markup=False)
                yield TileGrid(id="enlarged-images")
        yield Static(id="enlarged-history", markup=False)
        yield TileGrid(id="enlarged-film")

    def on_resize(self) -> None:
        """Draw the chain again once all parts have their sizes."""
        self.call_after_refresh(self._show_again)

    def _show_again(self) -> None:
        if self._shown is not None:
            self.show(self._shown)

    @property
    def state(self) -> TileGrid:
        """The grid with the chosen state."""
        return self.query_one("#enlarged-state", TileGrid)

    @property
    def film(self) -> TileGrid:
        """The grid with the states of the film."""
        return self.query_one("#enlarged-film", TileGrid)

    def step_at(self, event: events.Click, shown: ChainOnScreen) -> int | None:
        """Return the step of the state that was clicked in the film; None outside of the film."""
        at = event.get_content_offset(self.film)
        if at is None or shown.film is None or not self.film.display:
            return None
        layout = self.film.scaled_layout[1]
        found = tile_at(layout, at.y, at.x)
        return None if found is None else shown.film.steps[self._places[layout.chosen[found]]]

    def show(self, shown: ChainOnScreen) -> None:
        """Draw a chain of the newest samples, or one of its earlier states."""
        self._shown, samples, height = shown, shown.run.samples, self.size.height
        if samples is None or not self.is_mounted or not self.children or not height:
            return
        state = shown.state
        assert state is not None
        film = None if isinstance(samples, Picture) else shown.film
        names = shown.run.info.class_names
        self.state.show_alone(state, names)
        rows_of_history = self._show_history(shown, film, height)
        hidden, self.film.display = not self.film.display, film is not None and height >= ROOM_FOR_FILM
        film_rows = FILM_ROWS if height >= ROOM_FOR_LARGE_FILM else SMALL_FILM_ROWS
        self.film.styles.height = film_rows
        self._show_facts(shown, state, height - rows_of_history - film_rows * self.film.display)
        if film is not None and self.film.display:
            self._show_film(shown, film)
        if hidden and self.film.display:
            # The number of states that fit is known once the film has a size
            self.call_after_refresh(self._show_again)

    def _show_facts(self, shown: ChainOnScreen, state: Samples, height: int) -> None:
        """Draw properties, class probabilities and resembling training images, as far as `height` rows allow."""
        column, words, images = (self.query_one(f"#enlarged-{name}") for name in ("facts", "words", "images"))
        width = max(8, column.size.width)
        inspection, names = shown.inspection, shown.run.info.class_names
        images.display = inspection is not None and inspection.nearest is not None and height >= ROOM_FOR_IMAGES
        rows = properties_of(state, 0, names, width) if not isinstance(state, Picture) else []
        room = height - len(rows) - (FILM_ROWS + 3 if images.display else 0)
        if inspection is not None:
            rows += [Content(), Content.styled(heading_of(inspection)[:width], MUTED)]
            rows += probability_rows(
                inspection.probabilities, names, width, min(len(inspection.probabilities), room - 5)
            )
            rows += nearest_rows(inspection, names, width, pictured=images.display)
        elif not isinstance(state, Picture) and not shown.run.watched:
            rows += [Content(), *(Content.styled(line, FAINT) for line in wrap(printable(shown.reason), width))]
        words.styles.height = max(1, min(len(rows), height))
        set_text(words, Content("\n").join(rows))
        if images.display and inspection is not None and isinstance(images, TileGrid):
            images.show(training_images(state, inspection))

    def _show_history(self, shown: ChainOnScreen, film: ChainFilm | None, height: int) -> int:
        """Draw energy and class over all recorded states of the chain, and the heading of the film; return their number of rows."""
        history, rows = self.query_one("#enlarged-history"), list[Content]()
        run, width = shown.run, max(8, history.size.width or self.size.width)
        marked = run.step if film is None or shown.step is None else film.steps[shown.place]
        if height >= ROOM_FOR_HISTORY and not isinstance(run.samples, Picture):
            newest = run.chain_history.of_slot(shown.row)
            marked = int(newest.steps[-1]) if shown.step is None and len(newest.steps) else marked
            rows += history_rows(newest, run.info.class_names, marked, width)
        if film is not None and height >= ROOM_FOR_FILM:
            steps = f"{film.steps[0]:,} … {film.steps[-1]:,}" if len(film.steps) > 1 else f"{film.steps[0]:,}"
            words = (
                f"film · {len(film.steps)} states, step {steps} · shown: step {film.steps[shown.place]:,} · ↑↓ choose"
            )
            rows.append(Content.styled(words[:width], MUTED))
        history.display = bool(rows)
        history.styles.height = len(rows)
        set_text(history, Content("\n").join(rows))
        return len(rows)

    def _show_film(self, shown: ChainOnScreen, film: ChainFilm) -> None:
        """Draw as many states of the film as fit, at equal distances, the chosen one among them."""
        grid, names = self.film, shown.run.info.class_names
        grid.show(film.states, names)
        fitting = min(len(film.steps), max(1, grid.scaled_layout[1].shown))
        places = np.linspace(0, len(film.steps) - 1, fitting).round().astype(int)
        places[np.abs(places - shown.place).argmin()] = shown.place
        self._places = places.tolist()
        grid.show(take_chains(film.states, places), names, marked=self._places.index(shown.place))


def heading_of(inspection: ChainInspection) -> str:
    """Return the heading of class probabilities, which names the step of a model other than that of the run at the step of the chain."""
    return "p(y|x)" if inspection.model_step is None else f"p(y|x) · model of step {inspection.model_step:,}"


def nearest_rows(
    inspection: ChainInspection, class_names: tuple[str, ...], width: int, *, pictured: bool
) -> Iterator[Content]:
    """Render the class and the distance of the nearest training image, and if it is `pictured`, the class whose mean is next to it.

    Without training images, render the reason.
    """
    if inspection.nearest is None:
        yield Content()
        yield from (Content.styled(line, FAINT) for line in wrap(printable(inspection.missing), width))
        return
    nearest = class_name(class_names, inspection.nearest_label)
    mean = class_name(class_names, int(inspection.probabilities.argmax()))
    yield Content()
    yield Content.styled(f"nearest training image: {nearest}"[:width], MUTED)
    right = f"; right: mean of {mean}" if pictured else ""
    yield Content.styled(f"at distance {inspection.distance:.2f}{right}"[:width], MUTED)


def training_images(state: Samples, inspection: ChainInspection) -> Samples:
    """Return the nearest training image and the mean of a class as tiles without captions."""
    assert inspection.nearest is not None and inspection.mean is not None
    unknown = np.full(2, np.nan, np.float32)
    return replace(
        state,
        tiles=np.stack([inspection.nearest, inspection.mean]),
        energy=unknown,
        age=np.full(2, -1),
        predicted=np.zeros(2, np.int64),
        confidence=unknown,
        reseeds=np.zeros(2, np.int64),
    )


def set_text(widget: object, content: Content) -> None:
    """Replace the text of a Static if it differs."""
    if isinstance(widget, Static):
        show_content(widget, content)
