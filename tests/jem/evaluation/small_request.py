"""Request to an evaluation that takes a second, for tests."""

from __future__ import annotations

from jem_tui.jem.evaluation.request import EvaluationRequest

REQUEST = EvaluationRequest(
    seed=3,
    refine=(1,),
    attacks="quick",
    test_images=400,
    ood_images=100,
    attacked_images=20,
    chains=150,
    training_images=500,
    fresh=70,
    fresh_steps=3,
    long_chains=10,
    long_steps=20,
)


def silent(text: str, fraction: float | None) -> None:
    pass
