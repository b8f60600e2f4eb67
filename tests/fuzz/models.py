"""Checkpoints and published models under the fuzzer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import torch

from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.save_checkpoint import save_checkpoint
from jem_tui.jem.learner.optimizer import make_average
from jem_tui.jem.model.networks import make_network
from jem_tui.jem.saved_run.load_run import checkpointed_model
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, load_model, save_model
from jem_tui.run_files import CHECKPOINT_FOLDER
from tests.fuzz.text_files import outcome

CPU = torch.device("cpu")
torch.set_num_threads(1)
SHAPE = (1, 28, 28)
CONFIG = make_config("fast", None, ["network.width=4"])


def small_network() -> torch.nn.Module:
    """Return the network that all seeds hold."""
    torch.manual_seed(0)
    return make_network(CONFIG.network, SHAPE, 10)


class Checkpoints:
    """Checkpoints, loaded as resuming and evaluating load them."""

    def __init__(self, folder: Path) -> None:
        self._run_dir = folder
        network = small_network()
        average = make_average(network)
        chains = {"buffer": {"x": torch.zeros(2, *SHAPE)}}
        learner = {"network": network.state_dict(), "average": average.state_dict(), "population": chains}
        small = {"step": 3, "learner": {"x": torch.arange(9.0), "names": ["a"]}, "reported": None}
        self._states = [{"step": 3, "learner": learner}, small]
        self._path = folder / CHECKPOINT_FOLDER / "step_000003.pt"

    def seeds(self) -> list[bytes]:
        """Return a small state with digest, both without, and the pickles inside."""
        save_checkpoint(self._run_dir, 3, self._states[1], keep=1)
        found = [b"\0" + self._path.read_bytes()]
        for state in self._states:
            file = io.BytesIO()
            torch.save(state, file)
            with zipfile.ZipFile(file) as archive:
                found.append(b"\1" + archive.read("archive/data.pkl"))
            found.append(b"\0" + file.getvalue())
        return [seed for seed in found if len(seed) < 20_000]

    def read(self, data: bytes) -> str:
        """Load a file; an unrepaired file must be refused or hold one of the seeds' states."""
        if not data:
            return ""
        self._path.write_bytes(data[1:] if data[0] % 2 == 0 else self._with_pickle(data[1:]))
        try:
            state = load_newest_checkpoint(self._run_dir, CPU)[0]
        except InputError as error:
            return outcome(error)
        assert isinstance(state, dict)
        assert load_newest_checkpoint(self._run_dir, CPU)[1] == []
        if data[0] % 2 == 0:
            assert any(same(state, seed) for seed in self._states)
        try:
            checkpointed_model(self._run_dir, lambda *_: None, CONFIG, SHAPE, 10, CPU)
        except InputError as error:
            return outcome(error)
        return "opened"

    def _with_pickle(self, pickle: bytes) -> bytes:
        """Return an archive of both states' tensors with another pickle."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in (("data.pkl", pickle), ("version", b"3\n"), ("byteorder", b"little")):
                archive.writestr(f"archive/{name}", content)
            for number in range(4):
                archive.writestr(f"archive/data/{number}", np.arange(9.0, dtype=np.float32).tobytes())
        return file.getvalue()


def same(value: object, other: object) -> bool:
    """Return whether two states hold the same to the last bit."""
    if isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor):
        return value.shape == other.shape and value.numpy().tobytes() == other.numpy().tobytes()
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(same(entry, other[name]) for name, entry in value.items())
    return type(value) is type(other) and value == other


class Models:
    """A published model opened for evaluation."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / MODEL_FILE
        network = small_network().eval().requires_grad_(False)
        model = Model(step=3, network=network, chains=torch.zeros(1, *SHAPE))
        save_model(self._path, model, CONFIG.network, torch.zeros(2, *SHAPE))
        self._arrays = {f"weight/{name}.npy": as_file(value.numpy()) for name, value in network.state_dict().items()}
        self._arrays["chains.npy"] = as_file(np.zeros((1, *SHAPE), np.uint8))

    def seeds(self) -> list[bytes]:
        """Return the file, and the same arrays one after the other."""
        with zipfile.ZipFile(self._path) as archive:
            arrays = [archive.read(name) for name in archive.namelist()]
        return [b"\0" + self._path.read_bytes(), *(b"\1" + content for content in arrays)]

    def read(self, data: bytes) -> str:
        """Load the model file."""
        if not data:
            return ""
        self._path.write_bytes(data[1:] if data[0] % 2 == 0 else self._with_array(data[1:]))
        try:
            load_model(self._path, CONFIG.network, SHAPE, 10, CPU)
        except InputError as error:
            return outcome(error)
        return "opened"

    def _with_array(self, content: bytes) -> bytes:
        """Return an archive whose number of steps is any array."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in {"step.npy": content, **self._arrays}.items():
                archive.writestr(name, array)
        return file.getvalue()


def as_file(array: np.ndarray) -> bytes:
    """Return an array as numpy writes it."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
