"""The roles of a comparison: recipes that are trained for the same time on the same images, with their tuned settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.quality.json_file import read_table, reading
from jem_tui.errors import InputError
from jem_tui.message_text import nearest

TUNED_FILE = "tuned.json"
"""The winners of `--tune` by role, in the folder of the study."""
BASELINE = "jem"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A recipe with a name: a preset and changes of its settings."""

    name: str
    preset: str = "fast"
    words: tuple[str, ...] = ()
    """Settings as section.key=value."""
    early_stop: bool = False
    """True if the weights with the best accuracy on held-out images are measured instead of the last ones."""
    library: str = ""
    """The library that trains; empty for this program."""
    hypothesis: str = ""
    """The reason to expect a change, of a variant in a table of experiments."""


SHIFTED = ("data.translate=2", "optimizer.weight_decay=0.01", "optimizer.decay=cosine")
"""Settings of the twins that no tuning has replaced."""
MATCHED = ("objective.adversarial=0", "buffer.explorers=0", "buffer.noise_visits=0", "buffer.init=uniform")
"""Settings that the other libraries can express: network, K, step size, noise, buffer, batch and Adam as in preset `fast`."""
ORIGINAL = ("buffer.policy=ring", "optimizer.warmup=100")
"""Preset `classic` with the ring buffer of the original project, as in `results/original.py`."""
EXAMPLE = (
    *("sgld.steps=60", "sgld.step_size=10", "sgld.noise_scale=0.005", "sgld.grad_clamp=0.01"),
    *("buffer.size=10000", "buffer.reinit_prob=0.05", "objective.energy_l2=1", "sgld.conditional=true"),
    *("optimizer.rate=1e-4", "optimizer.beta1=0.9", "optimizer.ema=0.999", "train.batch_size=128"),
)
"""The settings of ebmkit 0.16's own example of a JEM on MNIST, `train_mnist_jem.py`."""
ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(name=BASELINE),
        Role(name="twin", preset="classifier", words=SHIFTED, early_stop=True),
        Role(name="robust-twin", preset="classifier", words=("objective.adversarial=0.2", *SHIFTED), early_stop=True),
        Role(name="plain-twin", preset="classifier"),
        Role(name="original", preset="classic", words=ORIGINAL),
        Role(name="ebmkit", words=(*MATCHED, *EXAMPLE), library="ebmkit"),
        Role(name="ebmkit-matched", words=MATCHED, library="ebmkit"),
        Role(name="torchebm-matched", words=MATCHED, library="torchebm"),
    )
}


def chosen_roles(names: Sequence[str], work: Path) -> list[Role]:
    """Return the roles of some names, with the tuned settings that the folder of the study has. Raises InputError for an unknown name."""
    for name in names:
        if name not in ROLES:
            raise InputError(f"There is no role {name}{nearest(name, ROLES)}.", f"Roles: {', '.join(ROLES)}.")
    tuned = tuned_words(work)
    return [with_words(ROLES[name], tuned[name]) if name in tuned else ROLES[name] for name in dict.fromkeys(names)]


def tuned_words(work: Path) -> dict[str, tuple[str, ...]]:
    """Return the settings that tuning has chosen, by role."""
    path = work / TUNED_FILE
    table = read_table(path)
    with reading(path):
        return {name: tuple(map(str, winner["words"])) for name, winner in table.items()}


def with_words(role: Role, words: Sequence[str]) -> Role:
    """Return a role with further settings, which replace its own settings of the same keys."""
    keys = {word.partition("=")[0] for word in words}
    kept = [word for word in role.words if word.partition("=")[0] not in keys]
    return replace(role, words=(*kept, *words))


def variants(given: Sequence[Sequence[str]], of: Role) -> list[Role]:
    """Return variants of a role from their names, settings in one text, and hypotheses, which may be missing."""
    found = []
    for name, words, *hypothesis in given:
        if len(hypothesis) > 1 or name in ROLES or not name.replace("-", "").replace(".", "").isalnum():
            raise InputError(
                f"--variant {name} is not valid.",
                'Give a new name of letters, digits and hyphens, "section.key=value …", and at most one hypothesis.',
            )
        found.append(replace(with_words(of, words.split()), name=name, hypothesis=" ".join(hypothesis)))
    return found
