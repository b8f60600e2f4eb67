"""The sampler that the settings name."""

from __future__ import annotations

from functools import partial

from jem_tui.config.sampler_settings import SAMPLERS, SgldConfig
from jem_tui.errors import InputError
from jem_tui.jem.sampling.mala import mala
from jem_tui.jem.sampling.sampler import Sampler
from jem_tui.jem.sampling.tempered import tempered
from jem_tui.jem.sampling.underdamped import underdamped
from jem_tui.plugins.kinds import SAMPLER
from jem_tui.plugins.plugged import PluggedFunction


def choose_sampler(config: SgldConfig) -> Sampler | None:
    """Return the sampler that the settings name, built in or of the user; None for SGLD.

    Raises InputError if a name cannot be imported, or if the settings define no density for the sampler or no class for guidance.
    """
    if config.guidance and not config.conditional:
        raise InputError(
            "sgld.guidance needs chains with classes, but sgld.conditional is false.",
            "Add -s sgld.conditional=true, or leave out sgld.guidance.",
        )
    own = PluggedFunction.unless_built_in(SAMPLER, config.sampler, config.args, SAMPLERS, "sgld.args")
    if own is not None:
        return own
    if config.sampler in ("mala", "tempered") and not (config.noise_scale and config.step_size):
        raise InputError(
            f"sgld.sampler={config.sampler} needs a temperature, noise_scale² / (2 · step_size), above 0.",
            "Set sgld.noise_scale and sgld.step_size above 0, or choose sgld.sampler=sgld.",
        )
    match config.sampler:
        case "mala":
            return mala
        case "underdamped":
            return partial(underdamped, friction=config.friction)
        case "tempered":
            return partial(tempered, ratio=config.hot_temperature)
    return None
