"""Metrics that are measured only with health checks, because they cost as much as a step or more."""

from __future__ import annotations

from jem_tui.jem.checkpoint.checkpoint import is_lack_of_memory
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.gradient_ratio import gradient_ratio
from jem_tui.jem.stability.sampler_diagnostics import diagnose_sampler, is_diagnosed


def metrics_at_check(learner: Learner, step: int) -> dict[str, float]:
    """Return the metrics of a health check before optimizer step `step` by tag; nothing before steps without a check.

    No earlier step may be in progress on the device. The metrics depend only on the state of the learner, so that a resumed run has the
    same. Without enough memory, a run of one process continues without them.
    """
    if not step or step % learner.config.stability.snapshot_every:
        return {}
    try:
        diagnostics = diagnose_sampler(learner, step) if is_diagnosed(learner, step) else {}
        return gradient_ratio(learner, step) | diagnostics
    except (MemoryError, RuntimeError) as error:
        if not learner.ranks.alone or not is_lack_of_memory(error):
            raise
        return {}
