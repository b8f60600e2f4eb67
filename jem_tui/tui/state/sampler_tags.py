"""Tags of the diagnostics of the sampler, without the texts of all metrics, which take longer to import than the first frame has."""

from __future__ import annotations

DIAGNOSTICS = ("gradient_over_noise", "clipped", "moved", "autocorrelation", "ess_bulk", "rhat")
MEASURED = tuple(f"sgld/{name}" for name in DIAGNOSTICS)
"""Tags of the diagnostics that are measured with health checks."""
SHOWN = ("sgld/gradient", "sgld/acceptance", *MEASURED, "optimizer/gradient_ratio")
"""Tags in the order of the rows; those that a run does not log are left out."""
