"""The watchdog that judges each step, and the way back from a divergence."""
