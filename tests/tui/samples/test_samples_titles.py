from __future__ import annotations

from jem_tui.tui.samples.samples_titles import has_chains


def test_a_run_has_chains_unless_its_settings_exclude_them():
    assert has_chains({}) and has_chains({"sgld": {}}) and has_chains({"sgld": {"steps": 5}})
    assert has_chains({"sgld": {"steps": 0, "steps_growth": 1.0}})
    assert not has_chains({"sgld": {"steps": 0, "steps_growth": 0.0}})
