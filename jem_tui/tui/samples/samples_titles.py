"""Words of the border of the samples pane: what is displayed, how many of how many, and in which encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from jem_tui.events.recording import Picture
from jem_tui.tui.samples.chain_order import ChainOrder
from jem_tui.tui.samples.tile_grid import NO_SAMPLES
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import RunView

CLASSIFIER = "no chains are sampled:\nthis run trains the classifier alone"
AROUND_TITLE = 6
"""Columns of a border around its title."""


@dataclass(frozen=True)
class Drawing:
    """The content of the pane as its border describes it."""

    shown: int
    """Number of displayed tiles."""
    described: str
    """Rendering and scale of the tiles."""
    chain: int | None
    """Row of the enlarged chain; None while all are displayed."""
    order: ChainOrder
    named: bool
    """True if the title names the run, where runs are compared."""
    columns: int
    """Width of the pane with its border."""

    def fitting(self, *forms: str) -> str:
        """Return the first of `forms` that has room, else the last."""
        return next((form for form in forms if cell_len(form) <= self.columns - AROUND_TITLE), forms[-1])


def titles(run: RunView, drawing: Drawing) -> tuple[str, str]:
    """Return title and subtitle of the pane."""
    return picture_titles(run, drawing) if run.foreign else chain_titles(run, drawing)


def chain_titles(run: RunView, drawing: Drawing) -> tuple[str, str]:
    """Return title and subtitle for chains: how many are displayed, in which order, and the step."""
    samples = run.samples
    if drawing.named:
        return "", "" if samples is None else f"step {text_formats.count(samples.step)}"
    if run.watched:
        return sample_titles(run, drawing)
    if samples is None:
        return ("replay buffer", NO_SAMPLES) if has_chains(run.info.config) else ("no replay buffer", "")
    chains = max(buffer_size(run.info.config), len(samples.tiles))
    which = f"chain {drawing.chain + 1}" if drawing.chain is not None else f"{text_formats.count(drawing.shown)}"
    described = drawing.order.described(run.info.class_names)
    number = f"{which} of {text_formats.count(chains)}"
    number += f" · {described}" if described else "" if drawing.chain is not None else " chains"
    step = f"step {text_formats.count(samples.step)}"
    return drawing.fitting(f"replay buffer · {number}", number), drawing.fitting(f"{drawing.described} · {step}", step)


def sample_titles(run: RunView, drawing: Drawing) -> tuple[str, str]:
    """Return title and subtitle for the samples of a watched loop, which need not be chains."""
    samples = run.samples
    if samples is None:
        return "samples", NO_SAMPLES
    which = f"{drawing.chain + 1}" if drawing.chain is not None else f"{text_formats.count(drawing.shown)}"
    number = f"{which} of {text_formats.count(len(samples.tiles))}"
    described = drawing.order.described(run.info.class_names)
    number += f" · {described}" if described else ""
    step = f"step {text_formats.count(samples.step)}"
    return drawing.fitting(f"samples · {number}", number), drawing.fitting(f"{drawing.described} · {step}", step)


def picture_titles(run: RunView, drawing: Drawing) -> tuple[str, str]:
    """Return title and subtitle for pictures of a foreign log: the tag, the number of tags, and the step."""
    samples, (tag, tags) = run.samples, run.pictures
    tag = samples.tag if isinstance(samples, Picture) else tag
    step = "" if samples is None else f"step {text_formats.count(samples.images)}"
    if drawing.named:
        return "", " · ".join(filter(None, (tag, step)))
    title = tag or "pictures"
    if len(tags) > 1 and tag in tags:
        title += f" · tag {tags.index(tag) + 1} of {text_formats.count(len(tags))}, {{picture-tag}} next"
    if samples is None:
        return title, ""
    several = f"{drawing.shown} of {len(samples.tiles)} · " if len(samples.tiles) > 1 else ""
    return title, drawing.fitting(f"{several}{drawing.described} · {step}", f"{several}{step}", step)


def reason_without_samples(run: RunView) -> str:
    """Return the reason why there are no samples."""
    if isinstance(run.samples, Picture):
        return f"{run.samples.tag}\nstep {text_formats.count(run.samples.images)}: {run.samples.flaw}"
    if run.foreign:
        tag, _ = run.pictures
        return f"no image of {tag} up to this step" if tag else "this log has no images"
    return NO_SAMPLES if has_chains(run.info.config) else CLASSIFIER


def has_chains(config: Mapping[str, Any]) -> bool:
    """Return whether a run with these settings samples chains; True if the settings do not say."""
    section = config.get("sgld")
    if not isinstance(section, Mapping):
        return True
    return bool(section.get("steps", 1) or section.get("steps_growth", 0))


def buffer_size(config: Mapping[str, Any]) -> int:
    """Return the number of chains in the replay buffer by the settings of the run; 0 if unknown."""
    section = config.get("buffer")
    size = section.get("size", 0) if isinstance(section, Mapping) else 0
    return size if isinstance(size, int) else 0
