"""Pictures of chains: their way from a start to a digit, short against long chains, and chains at several temperatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.data.image_set import as_input, as_pixels, to_tensors
from jem_tui.jem.sampling.sgld import NetworkEnergy, sgld_step
from jem_tui.jem.saved_run.load_run import OpenedRun
from results.drawing import Numbers
from results.energy_pictures import SEED, energies
from results.page_pictures import GREEN, INK, ORANGE, PURPLE, TEAL, new_figure, plain, save, show_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHAIN_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
LONG_STEPS = (0, 20, 200, 2000, 10_000)
LONG_CHAINS, COLUMNS = 16, 4
TEMPERED_STEPS, TEMPERED_CHAINS = 200, 12


def moved(run: OpenedRun, x: Tensor, config: SgldConfig, keep: Sequence[int]) -> dict[int, Tensor]:
    """Return the chains that begin at `x` after each number of steps in `keep`."""
    generator = torch.Generator().manual_seed(SEED)
    energy_of, found = NetworkEnergy(run.network), {0: x}
    for step in range(1, max(keep) + 1):
        x = sgld_step(energy_of, x, config, generator)
        if step in keep:
            found[step] = x
    return {step: found[step] for step in keep}


def generator() -> torch.Generator:
    """Return the random generator of the starts."""
    return torch.Generator().manual_seed(SEED + 4)


def draw_chain(run: OpenedRun, path: Path) -> None:
    """Write one chain from a class Gaussian and one from uniform noise, with the energy below each state."""
    starts = {
        "from a class Gaussian": run.initial.informative(1, generator()),
        "from uniform noise": run.initial.uniform(1, generator()),
    }
    figure = new_figure(8.8, 3.1)
    grid = figure.subplots(2, len(CHAIN_STEPS))
    for row, (name, start) in zip(grid, starts.items(), strict=True):
        states = moved(run, start, run.config.sgld, CHAIN_STEPS)
        for axes, (step, x) in zip(row, states.items(), strict=True):
            show_state(axes, x[0], f"E = {energies(run, x)[0]:+.1f}")
            axes.set_title(f"step {step}", fontsize=8.5)
        row[0].set_ylabel(name.replace(" a ", " a\n").replace("uniform ", "uniform\n"), color=INK, fontsize=8.5)
    save(figure, path)


def show_state(axes: Axes, image: Tensor, text: str) -> None:
    """Draw one image (channels, height, width) in [−1, 1] with a text below."""
    axes.imshow(as_pixels(image)[0].numpy(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(text.replace("-", "−"), fontsize=8.5)


def draw_long_chains(run: OpenedRun, path: Path) -> None:
    """Write the same chains after few and after many steps, next to the mean energies of chains and of test images."""
    start = run.initial.informative(LONG_CHAINS, generator())
    counts = sorted({*LONG_STEPS, *np.geomspace(1, LONG_STEPS[-1], 40).round().astype(int).tolist()})
    states = moved(run, start, run.config.sgld, counts)
    figure = new_figure(9.2, 4.4)
    grid = figure.add_gridspec(2, len(LONG_STEPS), height_ratios=(1.25, 1))
    for column, step in enumerate(LONG_STEPS):
        show_tiles(figure.add_subplot(grid[0, column]), tiles_of(states[step]), COLUMNS, f"step {step:,}")
    axes = plain(figure.add_subplot(grid[1, :]))
    draw_band(axes, run)
    values = np.array([energies(run, states[step]) for step in counts])
    axes.plot(np.maximum(counts, 0.7), values, color=PURPLE, linewidth=0.6, alpha=0.35)
    axes.plot(np.maximum(counts, 0.7), values.mean(1), color=PURPLE, linewidth=2, label="mean of the chains")
    axes.set_xscale("log")
    axes.set(xlabel="SGLD steps", ylabel="E(x̂), nats", xlim=(0.7, LONG_STEPS[-1]))
    axes.legend(frameon=False, loc="upper right")
    save(figure, path)


def draw_band(axes: Axes, run: OpenedRun) -> None:
    """Draw the range that holds the energies of 90 % of the test images."""
    low, high = np.percentile(energies(run, as_input(to_tensors(run.data.test, run.device)[0][:1000])), (5, 95))
    axes.axhspan(low, high, color=TEAL, alpha=0.18, linewidth=0, label="90 % of the test images")


@dataclass(frozen=True)
class Temperature:
    """One setting of step size and noise."""

    step_size: float
    noise_scale: float
    colour: str = PURPLE

    @property
    def value(self) -> float:
        """T = σ² / 2α, at which these Langevin steps sample p(x) ∝ exp(−E(x) / T)."""
        return self.noise_scale**2 / (2 * self.step_size)


TEMPERATURES = (
    Temperature(0.4, 0.005),
    Temperature(0.4, 0.05, ORANGE),
    Temperature(0.4, 0.2, ORANGE),
    Temperature(0.4, 0.894, GREEN),
    Temperature(0.0000125, 0.005, GREEN),
)
"""The recipe, more noise up to temperature 1, and temperature 1 with the noise of the recipe."""


def draw_temperatures(run: OpenedRun, path: Path) -> None:
    """Write chains of the buffer after further steps at each temperature."""
    start = run.chains[:TEMPERED_CHAINS]
    figure = new_figure(9.2, 2.9)
    row = figure.subplots(1, len(TEMPERATURES) + 1)
    show_tiles(row[0], tiles_of(start), 3, f"start:\nchains of\nthe buffer\nE = {mean_energy(run, start)}")
    for axes, temperature in zip(row[1:], TEMPERATURES, strict=True):
        config = replace(
            run.config.sgld, step_size=temperature.step_size, noise_scale=temperature.noise_scale, grad_clamp=0.0
        )
        x = moved(run, start, config, (TEMPERED_STEPS,))[TEMPERED_STEPS]
        numbers = f"α = {temperature.step_size:g}\nσ = {temperature.noise_scale:g}"
        show_tiles(axes, tiles_of(x), 3, f"{numbers}\nT = {temperature.value:.1g}\nE = {mean_energy(run, x)}")
    for axes in row:
        axes.title.set_fontsize(8.5)
    save(figure, path)


def mean_energy(run: OpenedRun, x: Tensor) -> str:
    """Return the mean energy of chains as text."""
    values: Numbers = energies(run, x)
    return f"{values.mean():+.1f}".replace("-", "−")


def tiles_of(x: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return chains in [−1, 1] as tiles (n, height, width, channels)."""
    tiles: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = as_pixels(x).permute(0, 2, 3, 1).numpy()
    return tiles
