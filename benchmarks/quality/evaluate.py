"""The evaluation of a planned run, part by part; parts that its folder already contains are skipped."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.best_weights import FOLDER
from benchmarks.quality.json_file import read_table, reading, table_in, write_table
from benchmarks.quality.study import Plan
from jem_tui.atomic_file import replace_file
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.stream.runs.resumed_settings import recorded_run_settings

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.load_run import OpenedRun

Outcomes = NDArray[np.bool_]


def evaluation_file(plan: Plan, on: str) -> Path:
    """Return the path of a run's figures on a split."""
    return plan.folder / ("eval.json" if on == "test" else f"eval-{on}.json")


def correct_file(plan: Plan, on: str) -> Path:
    """Return the path of the run's outcomes on all images of a split, in their order in the data."""
    return plan.folder / f"correct-{on}.npy"


def read_figures(plan: Plan, on: str) -> dict[str, Any]:
    """Return the evaluation of a run as a mapping; an empty one before its first part."""
    return part_of_file(evaluation_file(plan, on), "evaluation")


def part_of_file(path: Path, name: str) -> dict[str, Any]:
    """Return an object in a file of figures; an empty one if it is missing. Raises InputError for another content."""
    table = read_table(path)
    with reading(path):
        return table_in(table.get(name, {}))


def read_correct(plan: Plan, on: str) -> Outcomes | None:
    """Return whether each image of a split is classified correctly (n,); None before the classification."""
    path = correct_file(plan, on)
    if not path.exists():
        return None
    with reading(path):
        found: Outcomes = np.load(path, allow_pickle=False)
        if found.ndim != 1 or found.dtype != np.bool_:
            raise ValueError(f"an array of {found.dtype} with {found.ndim} axes")
        return found


class RunEvaluation:
    """The evaluation of one run as a request asks for it."""

    def __init__(self, plan: Plan, request: EvaluationRequest) -> None:
        self._plan, self._request = plan, request
        self._path = evaluation_file(plan, request.on)

    def measure(self) -> None:
        """Measure the missing parts, and write the file after each."""
        if "classification" in self._request.parts and not correct_file(self._plan, self._request.on).exists():
            self._write_correct()
        for part in self.missing():
            print(f"{self._plan.name}: {part}", file=sys.stderr, flush=True)
            self._measure(replace(self._request, parts=(part,)))

    def missing(self) -> list[Any]:
        """Return the parts that the file lacks, or that were measured with other sizes."""
        measured = part_of_file(self._path, "requests")
        return [part for part in self._request.parts if measured.get(part) != size_of(self._request)]

    def complete(self) -> bool:
        """Return whether the files contain every requested part."""
        outcomes = "classification" not in self._request.parts or correct_file(self._plan, self._request.on).exists()
        return outcomes and not self.missing()

    @cached_property
    def _run(self) -> OpenedRun:
        """The run, or its best weights with early stopping."""
        from jem_tui.jem.saved_run.load_run import open_run

        folder = self._plan.folder / FOLDER if self._plan.role.early_stop else self._plan.folder
        config = recorded_run_settings(self._plan.folder)
        return open_run(config, folder, config.train.device, lambda text, fraction: None)

    def _measure(self, request: EvaluationRequest) -> None:
        from jem_tui.jem.evaluation.evaluate_run import evaluate_run

        found = evaluate_run(self._run, request, lambda text, fraction: None).as_mapping()
        evaluation = merged(part_of_file(self._path, "evaluation"), found)
        requests = part_of_file(self._path, "requests") | {part: size_of(request) for part in request.parts}
        write_table(
            self._path,
            {
                "schema": 1,
                "run": str(self._plan.folder),
                "evaluation": evaluation,
                "against": None,
                "requests": requests,
            },
        )

    def _write_correct(self) -> None:
        from jem_tui.jem.evaluation.evaluate_run import measured_images
        from jem_tui.jem.model.inference import logits_in_chunks

        pixels, labels = measured_images(self._run, self._request.on)
        correct = logits_in_chunks(self._run.network, pixels).argmax(1) == labels
        path = correct_file(self._plan, self._request.on)
        replace_file(path, npy(correct.cpu().numpy()))


def npy(array: Outcomes) -> bytes:
    """Return an array as the content of an npy file."""
    import io

    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def size_of(request: EvaluationRequest) -> dict[str, Any]:
    """Return the fields of a request apart from its parts, as JSON values."""
    fields = {name: value for name, value in asdict(request).items() if name != "parts"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evaluation with the parts of a later one."""
    pictures: Sequence[str] = sorted({*old.get("pictures", ()), *new.get("pictures", ())})
    return {
        **old,
        **{name: value for name, value in new.items() if value is not None or name not in old},
        "pictures": pictures,
    }
