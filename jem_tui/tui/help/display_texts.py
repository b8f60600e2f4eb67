"""Explanations of what the screen displays, and of its signs."""

from __future__ import annotations

from collections.abc import Mapping

OF_RUN = (
    "The energy E(x) = −logsumexp_y f(x)[y] is low for images that the model expects. Bright lines are smoothed; the band behind a "
    "line spans the 10th to 90th percentile of single steps, its fainter edge their extremes. At the top of a chart, avg is the smoothed "
    "value and raw that of the last step; a narrow chart omits the word avg. Marks below a chart are pauses, restarts of chains and checkpoints.",
    "Each image is the state of a chain of the replay buffer. SGLD steps move it towards lower energy, a few more steps each "
    "time a batch draws the chain. By default chains start from Gaussians fitted to the training images of each class, and "
    "some restart at random.",
    "Below each image, if there is room: the class that the network predicts, and its probability p(y|x̂).",
)
"""Explanation for a run of this program."""
OF_LOOP = (
    "Every metric that the loop logs has a panel. Bright lines are smoothed; the band behind a line spans the 10th to 90th "
    "percentile of single steps, its fainter edge their extremes. At the top of a chart, avg is the smoothed value and raw that of the last "
    "step; a narrow chart omits the word avg. Marks below a chart are pauses, notes, changed settings and checkpoints.",
    "Each image is a sample that the loop has passed. Below it, if the loop states them: its class with a probability, or its energy.",
)
"""Explanation for a watched loop."""
OF_VIEWER = (
    "This screen displays a run of another process. It can be closed at any time: the run continues, and jem-tui attach displays "
    "it again.",
)
"""Explanation for a screen that is attached to a run of another process."""
SIGNS: Mapping[str, str] = {
    "▶": "the replay is playing",
    "‖": "the replay is paused",
    "●": "the position in the replay; drag it to seek",
    "┃": "an event of the recording, such as the end of an epoch; {next-mark} jumps to the next",
    "•": "a score on validation images, in the chart of the accuracy",
}
"""Meanings of other signs on the screen."""
WORDS: Mapping[str, str] = {
    "avg": "in a chart: the smoothed value of the curve; a narrow chart omits the word",
    "raw": "in a chart: the value of the last step, not smoothed",
    "s d": "in the chart of energies: the mean E(x̂) of samples and the mean E(x) of images of the data",
    "smoothing": "share of the earlier average in each smoothed value: 0 for none; {rougher} and {smoother} change it",
    "symlog": "a y axis that is linear near 0 and logarithmic farther away; {y-scale} switches the scale",
    "gray dots": "in a replay: the rest of the recorded curve, after the current step",
    "panel": "a chart; ▴ and ▾ mean that there are more panels above and below",
    "events": "the row of signs below the curves: what happened at that step; the row under it names the signs",
    "quadrant": "a rendering of samples with 2×2 blocks in each cell of the terminal; half-block has two pixels in each; {pictures} switches",
    "px": "the width in pixels at which a sample is drawn where it does not fit in full; ×2 means that each pixel is drawn twice as wide",
    "validation": "images that are held out of training, on which the run is evaluated",
    "threshold": "on the draw screen: an image with a higher energy counts as out of distribution (OOD)",
    "averaged": "weights that are a running average (EMA) over the steps of training; they score images where the run has them",
    "records": "the number of entries of the log that were read for the replay",
    "UI": "the share of a processor that the screen itself uses",
}
"""Meanings of words that the screen abbreviates or uses without an explanation."""
