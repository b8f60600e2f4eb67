"""The memory of a run: its estimate, the warning and the refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from jem_tui.config.schema import DataConfig, NetworkConfig
from jem_tui.errors import InputError
from jem_tui.events.run import Note, RunStarted
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.data import image_folder
from jem_tui.jem.data.image_set import DataSet, ImageSet
from jem_tui.jem.model.network_size import measured, network_size
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.trainer import memory_estimate
from jem_tui.jem.trainer.build import run_size
from jem_tui.jem.trainer.make_learner import make_learner
from jem_tui.jem.trainer.memory_estimate import RunSize, estimate_memory, halved, least_memory, refuse_too_large
from tests.jem.runs import run, small_config

GB = 10**9


def tensors_in(state: object) -> int:
    """Return the bytes of all tensors in nested dicts and lists."""
    if isinstance(state, torch.Tensor):
        return state.numel() * state.element_size()
    inside = state.values() if isinstance(state, dict) else state if isinstance(state, list | tuple) else ()
    return sum(map(tensors_in, inside))


@pytest.mark.parametrize("words", [(), ("network.name=toy",), ("optimizer.ema=0", "buffer.explorers=0")])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 64)])
def test_the_estimate_of_the_state_is_what_a_checkpoint_holds(words, shape):
    config = small_config("buffer.size=500", *words, max_steps=1)
    channels, height, width = shape
    pixels = np.random.default_rng(0).integers(0, 256, (40, height, width, channels), dtype=np.uint8)
    images = ImageSet(images=pixels, labels=np.arange(40) % 2)
    learner = make_learner(config, images, 2, torch.device("cpu"))
    for parameter in learner.network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    learner.optimizer.step()
    held = tensors_in(learner.state_dict())
    need = estimate_memory(config, RunSize(images=60, training=[20, 20], shape=shape))
    assert need.state == pytest.approx(held, rel=0.02, abs=50_000)


@pytest.mark.parametrize("name", ["conv", "wrn", "toy", "simple", "resnet"])
@pytest.mark.parametrize("shape", [(1, 96, 96), (3, 81, 81), (1, 72, 120)])
def test_the_size_of_a_network_for_large_images_is_extrapolated(name, shape):
    config = NetworkConfig(name=name, width=8, widen=1)
    real, guessed = measured(config, shape, 3), network_size(config, shape, 3)
    assert guessed.weights == pytest.approx(real.weights, rel=0.1)
    assert guessed.activations == pytest.approx(real.activations, rel=0.1)


def test_memory_grows_with_the_chains_and_the_size_of_images():
    size = RunSize(images=80, training=[30, 30], shape=(3, 64, 64))
    config = small_config("buffer.size=4000")
    needs = [estimate_memory(each, size).total for each in (config, *halved(config))]
    assert needs == sorted(needs, reverse=True) and needs[0] > 8 * needs[-1]
    larger = estimate_memory(config, RunSize(images=80, training=[30, 30], shape=(3, 128, 128)))
    assert larger.total > 3.5 * needs[0]
    forever = small_config("buffer.size=4000", "train.epochs=200", max_steps=0)
    assert estimate_memory(forever, size).snapshots == 2 * estimate_memory(config, size).snapshots
    assert estimate_memory(small_config("stability.on_divergence=stop"), size).snapshots == 0


def test_other_random_numbers_are_unchanged():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    estimate_memory(small_config(), RunSize(images=80, training=[30, 30], shape=(1, 28, 28)))
    assert torch.equal(torch.rand(3), expected)


def photographs(folder: Path, side: int = 40) -> Path:
    noise = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for i in range(14):
            Image.fromarray(noise.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(folder / name / f"{i}.png")
    return folder


def test_a_large_run_gives_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_estimate, "LARGE", 10**6)
    config = small_config(f"data.name={photographs(tmp_path / 'pets')}", max_steps=1)
    events = run(config, tmp_path / "run")
    assert events[-1].reason == "finished"
    (note,) = [e.text for e in events if isinstance(e, Note) and "of memory" in e.text]
    assert "-s buffer.size or -s data.size lowers that" in note
    assert note.count(" MB") == 2 and "864 chains of 40×40 pixels" in note
    assert load_newest_checkpoint(tmp_path / "run", torch.device("cpu"))[0]["step"] == 1


def test_a_run_beyond_the_free_memory_is_refused_with_settings_that_fit(tmp_path, monkeypatch):
    folder = photographs(tmp_path / "pets")
    words = (f"data.name={folder}", "buffer.size=2000", "network.name=toy")
    monkeypatch.setattr(memory_estimate, "available_memory", lambda: 140_000_000)
    events = run(small_config(*words, max_steps=1), tmp_path / "run")
    assert events[-1].reason == "refused" and not any(isinstance(event, RunStarted) for event in events)
    sentence = events[-1].error
    assert "of memory" in sentence and "but 140 MB are free" in sentence and not (tmp_path / "run").exists()
    size, buffer = sentence.split(" Try ")[1].rstrip(".").split(", or ")
    for more in (size.split(), buffer.split()):
        again = [word for word in more if word != "-s"]
        assert run(small_config(*words, *again, max_steps=1), tmp_path / str(len(more)))[-1].reason == "finished"


def test_images_that_were_read_are_not_counted_twice(monkeypatch):
    read = 20_000
    size = RunSize(images=12_000, training=[5_000, 5_000], shape=(3, 32, 32), read=read)
    config = small_config(max_steps=1)
    need = estimate_memory(config, size)
    for spare in (0, -1):
        monkeypatch.setattr(memory_estimate, "available_memory", lambda s=spare: need.total - read * 3 * 32 * 32 + s)
        if spare < 0:
            with pytest.raises(InputError, match="are free"):
                refuse_too_large(config, size, torch.device("cpu"))
        else:
            assert refuse_too_large(config, size, torch.device("cpu")) == need


def test_a_rank_needs_memory_for_its_share_of_the_chains_and_shares_the_machine(monkeypatch):
    config = small_config("buffer.size=40000", "buffer.explorers=8000", "train.batch_size=64", max_steps=1)
    alone = RunSize(images=1000, training=[500, 500], shape=(1, 28, 28))
    size = replace(alone, ranks=Ranks(size=3, local_size=3))
    need, whole = estimate_memory(config, size), estimate_memory(config, alone)
    assert need.images == whole.images
    assert need.state < 0.4 * whole.state
    monkeypatch.setattr(memory_estimate, "available_memory", lambda: 3 * need.total)
    assert refuse_too_large(config, size, torch.device("cpu")) == need
    monkeypatch.setattr(memory_estimate, "available_memory", lambda: 2 * need.total)
    with pytest.raises(InputError, match="Each of 3 ranks needs about") as refused:
        refuse_too_large(config, size, torch.device("cpu"))
    words = dict(word.rstrip(".").split("=") for word in refused.value.hint.split() if "=" in word)
    assert {int(value) % 3 for value in words.values()} == {0}


@pytest.mark.parametrize("validation", [False, True])
def test_the_images_in_memory_are_those_that_were_read_and_copied(validation):
    def images(count):
        return ImageSet(images=np.zeros((count, 4, 4, 1), np.uint8), labels=np.arange(count) % 2)

    data = DataSet(
        name="",
        class_names=("a", "b"),
        train=images(50),
        test=images(7),
        validation=images(9) if validation else None,
    )
    kept, held_out = data.split(0.2, 0)
    arrays = {id(each.images): each.images for each in (data.train, data.test, kept, held_out)}
    assert run_size(data, kept).read == sum(map(len, arrays.values()))


def test_a_gpu_needs_room_for_one_copy_of_the_images():
    size = RunSize(images=12_000, training=[5_000, 5_000], shape=(3, 32, 32))
    config = small_config(max_steps=1)
    need = estimate_memory(config, size)
    assert (
        least_memory(need, size, torch.device("cuda"))
        == need.total - need.working + need.state - 2 * 12_000 * 3 * 32 * 32
    )


def test_more_images_than_fit_are_refused_before_they_are_read(tmp_path, monkeypatch):
    folder = photographs(tmp_path / "pets")
    monkeypatch.setattr(image_folder, "available_memory", lambda: 100_000)
    with pytest.raises(InputError, match=r"28 images of 40×40 pixels need 1 MB .* Try -s data\.size"):
        image_folder.read_folder(folder, DataConfig(), 0, lambda text, fraction: None)
    assert image_folder.read_folder(folder, DataConfig(size=16), 0, lambda text, fraction: None).train.images.any()
