"""The option `--attacks` of `jem-tui eval`."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated

import typer

from jem_tui.errors import InputError
from jem_tui.jem.evaluation.request import ATTACKED, EvaluationRequest
from jem_tui.message_text import nearest

Attacks = Annotated[
    str,
    typer.Option(
        metavar="|".join(ATTACKED),
        help="Set of attacks whose minimum is reported (default: standard, with --quick: quick); strong can take hours.",
    ),
]


def with_attacks(size: EvaluationRequest, name: str, quick: bool) -> EvaluationRequest:
    """Return the request with the set of attacks of that name and, unless it is quick, its number of images; unchanged without a name.

    Raises InputError for another word, and for `strong` without the package that it needs.
    """
    if not name:
        return size
    chosen = next((one for one in ATTACKED if one == name), None)
    if chosen is None:
        sets = ", ".join(ATTACKED)
        raise InputError(f"--attacks has no set named {name}{nearest(name, tuple(ATTACKED))}.", f"Sets: {sets}.")
    if chosen == "strong" and find_spec("pyautoattack") is None:
        raise InputError("--attacks strong needs pyautoattack.", "Install it: pip install 'jem-tui[attacks]'.")
    return replace(size, attacks=chosen, attacked_images=size.attacked_images if quick else ATTACKED[chosen])
