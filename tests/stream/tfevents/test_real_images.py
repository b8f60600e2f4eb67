"""Training images in a log: recorded once, as an image that TensorBoard shows, and read again."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.events.real_images import REAL_IMAGES
from jem_tui.events.run import RealImages, RunStarted
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.replay.resume_history import earlier_steps, recorded_timeline
from jem_tui.stream.tfevents import codec
from tests.stream.stream_events import record
from tests.tui.sources import run_started, samples, step_done


def images(count: int = 5, channels: int = 1) -> RealImages:
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 256, (count, 6, 4, channels), dtype=np.uint8)
    return RealImages(step=0, images=0, time=1.0, tiles=tiles, labels=np.arange(count) // 2)


@pytest.mark.parametrize(("count", "channels"), [(5, 1), (3, 3), (0, 1)])
def test_images_are_encoded_without_loss(count, channels):
    event = images(count, channels)
    message = codec.encode(event)
    assert [value.tag for value in message.summary.value[1:]] == ([REAL_IMAGES] if count else [])
    content = codec.body(message)
    assert content is not None
    found = codec.decode(message, content)
    assert isinstance(found, RealImages)
    assert np.array_equal(found.tiles, event.tiles) and np.array_equal(found.labels, event.labels)


def test_images_with_another_number_of_labels_are_damaged():
    message = codec.encode(images())
    content = codec.body(message)
    assert content is not None
    with pytest.raises(ValueError, match="length"):
        codec.decode(message, content | {"labels": [1, 2]})


def test_a_recording_has_its_images_and_a_resumed_run_gets_them(tmp_path):
    folder = record(tmp_path / "run", [run_started(), images(), samples(0), *(step_done(step) for step in (1, 2, 3))])
    found = [event for event in read_events(folder) if isinstance(event, RealImages)]
    assert len(found) == 1
    resumed = list(earlier_steps(recorded_timeline(folder), run_started(step=3)))
    assert [type(event).__name__ for event in resumed] == ["StepBatch", "RealImages"]
    assert isinstance(run_started(), RunStarted)
