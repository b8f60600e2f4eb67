"""Explanations of what the screen displays, and of its signs."""

from __future__ import annotations

from collections.abc import Mapping

OF_RUN = (
    "The energy E(x) = −logsumexp_y f(x)[y] is low for images that the model expects. Bright lines are smoothed; the band behind a "
    "line spans the 10th to 90th percentile of single steps, its fainter edge their extremes. At the top of a chart, avg (short: a) is "
    "the smoothed value and raw (r) that of the last step. Marks below a chart are pauses, restarts of chains and checkpoints.",
    "Each image is the state of a chain of the replay buffer. SGLD steps move it towards lower energy, a few more steps each "
    "time a batch draws the chain. By default chains start from Gaussians fitted to the training images of each class, and "
    "some restart at random.",
    "Below each image, if there is room: the class that the network predicts, and its probability p(y|x̂).",
)
"""Explanation for a run of this program."""
OF_LOOP = (
    "Every metric that the loop logs has a panel. Bright lines are smoothed; the band behind a line spans the 10th to 90th "
    "percentile of single steps, its fainter edge their extremes. At the top of a chart, avg (short: a) is the smoothed value and raw (r) "
    "that of the last step. Marks below a chart are pauses, notes, changed settings and checkpoints.",
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
