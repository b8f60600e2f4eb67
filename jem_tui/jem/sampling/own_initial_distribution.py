"""Initial distributions of the user: functions that draw the first states of chains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from jem_tui.config.schema import INITIAL_DISTRIBUTIONS, BufferConfig
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.sampling.sampler import checked, own_modes
from jem_tui.plugins.kinds import INITIAL
from jem_tui.plugins.plugged import PluggedFunction

ROUNDING = 1e-3
"""Distance from [−1, 1] that counts as a rounding error."""


@dataclass(frozen=True, kw_only=True)
class InitialDraw:
    """The argument of an initial distribution: the chains to draw, and what they can be drawn from.

    An initial distribution returns a float32 tensor of shape (count, *shape) on `device` with values in [−1, 1].
    """

    count: int
    """The number of chains."""
    shape: tuple[int, ...]
    """Channels, height and width of an image."""
    device: torch.device
    """The device of the chains."""
    generator: torch.Generator
    """The random stream of the starts, on `device`. Numbers from another source are not repeated when a run is resumed."""
    labels: Tensor | None
    """The class of each chain, shape (count,), a copy; None where chains follow no class."""
    draw_images: Callable[[], Tensor] = field(repr=False)

    def images(self) -> Tensor:
        """Draw training images of the run, of the class of each chain where chains follow classes.

        Returns copies, shape (count, *shape), in [−1, 1], without augmentation.
        """
        return self.draw_images()

    def normal(self) -> Tensor:
        """Draw standard normal numbers of shape (count, *shape)."""
        return torch.randn(self.count, *self.shape, generator=self.generator, device=self.device)

    def uniform(self) -> Tensor:
        """Draw numbers uniform on [−1, 1] of shape (count, *shape)."""
        return torch.rand(self.count, *self.shape, generator=self.generator, device=self.device).mul_(2).sub_(1)


def own_initial_distribution(config: BufferConfig, pixels: Tensor, labels: Tensor) -> OwnInitialDistribution | None:
    """Return the initial distribution of the user that the settings name, None for one of the program.

    `pixels` (n, channels, height, width), uint8, and `labels` (n,) are the training images. Raises InputError if the function
    cannot be imported.
    """
    function = PluggedFunction.unless_built_in(INITIAL, config.init, config.args, INITIAL_DISTRIBUTIONS, "buffer.args")
    return None if function is None else OwnInitialDistribution(function=function, pixels=pixels, labels=labels)


@dataclass(frozen=True, kw_only=True)
class OwnInitialDistribution:
    """An initial distribution of the user, with the training images of the run."""

    function: PluggedFunction
    pixels: Tensor
    """Training images as uint8, shape (images, channels, height, width)."""
    labels: Tensor
    """The class of each training image, shape (images,)."""

    def draw(self, count: int, classes: Tensor | None, generator: torch.Generator) -> Tensor:
        """Draw starts (count, channels, height, width) in [−1, 1], for `classes` (count,) if they are given.

        Raises PluginError if the function raises an exception or returns anything else.
        """
        draw = InitialDraw(
            count=count,
            shape=tuple(self.pixels.shape[1:]),
            device=self.pixels.device,
            generator=generator,
            labels=None if classes is None else classes.clone(),
            draw_images=lambda: as_input(self.pixels[self._rows(count, classes, generator)]),
        )
        with own_modes(draw.device), torch.no_grad():
            returned = self.function(draw)
        x = checked(self.function, returned, torch.Size((count, *draw.shape)), draw.device)
        low, high = map(float, x.aminmax()) if count else (0.0, 0.0)
        # A comparison with NaN is false.
        if not (low >= -1 - ROUNDING and high <= 1 + ROUNDING):
            raise self.function.error(f"gave pixels from {low:.3g} to {high:.3g}, but they must be in [-1, 1]")
        return x.clamp_(-1, 1)

    def _rows(self, count: int, classes: Tensor | None, generator: torch.Generator) -> Tensor:
        """Draw rows (count,) of training images; a class without images gets images of any class."""
        device = self.pixels.device
        rows = torch.randint(len(self.pixels), (count,), generator=generator, device=device)
        for label in () if classes is None else torch.unique(classes):
            members, chosen = (self.labels == label).nonzero().squeeze(1), (classes == label).nonzero().squeeze(1)
            if len(members):
                rows[chosen] = members[torch.randint(len(members), (len(chosen),), generator=generator, device=device)]
        return rows
