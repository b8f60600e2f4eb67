"""Progress of an evaluation in lines, without a terminal."""

from __future__ import annotations

import io

from jem_tui.cli.eval_progress import stage_lines


def test_a_long_stage_prints_its_share_every_ten_seconds():
    stream, seconds = io.StringIO(), [0.0]
    report = stage_lines(stream, lambda: seconds[0])
    report("importing torch", None)
    for step in range(11):
        seconds[0] = 3.0 * step
        report("running 1,000 fresh chains", step / 10)
    report("drawing the plots", None)
    assert stream.getvalue().splitlines() == [
        "importing torch",
        "running 1,000 fresh chains",
        "running 1,000 fresh chains: 40%",
        "running 1,000 fresh chains: 80%",
        "drawing the plots",
    ]


def test_a_short_stage_prints_one_line():
    stream = io.StringIO()
    report = stage_lines(stream, lambda: 5.0)
    for step in range(11):
        report("attacking the network", step / 10)
    assert stream.getvalue() == "attacking the network\n"
