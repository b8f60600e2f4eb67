"""Metrics that are measured only with health checks, because they cost as much as a step or more."""

from __future__ import annotations

from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.ranks.agreed import LocalFailureError
from jem_tui.jem.stability.gradient_ratio import gradient_ratio
from jem_tui.jem.stability.sampler_diagnostics import diagnose_sampler, is_diagnosed


def metrics_at_check(learner: Learner, step: int) -> dict[str, float]:
    """Return the metrics of a health check before optimizer step `step` by tag; nothing before steps without a check.

    No earlier step may be in progress on the device. The metrics depend only on the state of the learner, so that a resumed run has the
    same metrics. After a failure on any rank, such as a lack of memory, the run continues without them, and all ranks emit one note.
    """
    failed = learner.failed_metrics
    if not step or step % learner.config.stability.snapshot_every or failed.failed:
        return {}
    try:
        diagnostics = diagnose_sampler(learner, step) if is_diagnosed(learner, step) else {}
        return gradient_ratio(learner, step) | diagnostics
    except LocalFailureError as error:
        failed.fail(f"the metrics of health checks are not measured any more, and training continues: {error}")
        return {}
