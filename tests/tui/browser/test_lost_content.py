"""The sentence on the content of a run folder that a deletion removes."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.stream.runs.catalog import FoundRun
from jem_tui.stream.runs.folder_size import FolderContent
from jem_tui.stream.runs.followed_catalog import CatalogRun
from jem_tui.tui.browser.run_changes import lost_content

MEASURED = FolderContent(bytes=2_000_000, files=7, checkpoints=1)


@pytest.mark.parametrize(
    ("fields", "content", "sentence"),
    [
        ({}, None, "The folder holds files that are not counted yet."),
        ({"step": 1200}, None, "The folder holds 1,200 steps, and files that are not counted yet."),
        ({}, MEASURED, "The folder holds 1 checkpoint: 7 files, 2.0 MB."),
        (
            {"step": 1200, "accuracy": 0.5, "accuracy_split": "test"},
            MEASURED,
            "The folder holds 1,200 steps, an accuracy of 50.00% (test), 1 checkpoint: 7 files, 2.0 MB.",
        ),
    ],
)
def test_the_sentence_is_whole_whichever_facts_are_known(fields, content, sentence):
    run = CatalogRun(FoundRun(path=Path("run"), state="finished", updated=0.0, **fields), (), 0)
    assert lost_content(run, lambda path: content)[-1] == sentence
