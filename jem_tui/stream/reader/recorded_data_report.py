"""The figures of a run's first data, as the run folder has them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from jem_tui.errors import JemError
from jem_tui.stream.runs.run_dir import read_run_file

NEAR_THE_BEGINNING = 16
"""Records of an event file among which the start of its run lies."""


def known_dataset(run_dir: Path) -> Mapping[str, Any]:
    """Return the recorded figures of a run's data; of a run of an earlier version only classes and size, as far as its log has them."""
    return read_run_file(run_dir).dataset or classes_and_size(run_dir)


def classes_and_size(run_dir: Path) -> dict[str, Any]:
    """Read class names and shape of the images from the first event of a log; empty where the log cannot be read."""
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event

    from jem_tui.stream.reader.log_reader import event_files
    from jem_tui.stream.tfevents.codec import DECODE_ERRORS, body
    from jem_tui.stream.tfevents.records import Damage, read_records

    try:
        for record in islice(read_records(event_files(run_dir)[0], Damage()), NEAR_THE_BEGINNING):
            content = body(Event.FromString(record.payload)) or {}
            if content.get("event") == "RunStarted":
                height, width, channels = content["tile_shape"]
                names = dict.fromkeys(content["class_names"])
                return {"counts": {"train": names}, "width": width, "height": height, "channels": channels}
    except (JemError, DecodeError, *DECODE_ERRORS):
        pass
    return {}
