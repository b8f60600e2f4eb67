"""An evaluation of which no part applies to the run."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from jem_tui.cli.eval_tables.print_tables import print_tables
from jem_tui.jem.evaluation.evaluate_run import Evaluation


def test_an_evaluation_without_any_part_states_the_reason():
    facts = {"on": "test", "network": "conv", "data": "digits", "preset": "classifier", "step": 3, "parameters": 9}
    given = {field.name: facts.get(field.name) for field in fields(Evaluation)}
    text = io.StringIO()
    print_tables(Console(file=text, width=80), [(Path("run"), Evaluation(**given))])
    assert "Nothing was measured: samples, chains and likelihood need a run with chains" in text.getvalue()
    assert "±" not in text.getvalue()
