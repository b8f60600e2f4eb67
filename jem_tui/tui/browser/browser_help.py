"""Paragraphs of the help about the screens of the browser."""

from __future__ import annotations

BROWSER = (
    "The table shows the runs below the folder, the live ones first. The curve of a run is the accuracy of its training "
    "batches from 0 to 100 %; a dim curve is the main metric of a log without accuracy, on a scale of its own. The column eval acc is the "
    "accuracy of the newest evaluation and a word for its images: val for validation images, test for test images, on which a run is "
    "evaluated at its end. The word is missing if the run has not recorded which images were evaluated. In the preview, avg and raw are the accuracy on batches of training images.",
    "Tags and notes are kept in labels.json in the run folder. A deleted run is moved to .trash next to the runs, unless its name is typed "
    "to delete it for good. A live run is never changed.",
)
COMPARISON = (
    "Each run has a colour, which is that of its name and of its curves. The first table lists the settings at the start that differ "
    "between the runs and the settings that were adjusted during a run, the second the last value of every metric; ▲ marks the best value of "
    "a row, except for metrics of training, whose last values are those of single batches.",
    "The charts show the curves of all runs in common axes, and the newest samples of each run. A narrow terminal shows either the tables "
    "or the charts; {compare-switch} switches.",
)
NO_RUNS = (
    "There are no runs in {folder} yet.\n\n"
    "jem-tui browse FOLDER   browse the runs in another folder\n"
    "jem-tui demo            play a recorded run, with a tour\n"
    "jem-tui train           train a first model in minutes\n\n"
    "New runs in this folder appear here automatically."
)
"""Text in place of the table for a folder without runs."""
