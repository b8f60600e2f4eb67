"""Stability of training: the watchdog that judges each step, health checks, and rollbacks after a divergence."""
