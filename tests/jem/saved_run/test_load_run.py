"""Opening of recorded runs, fresh chains from their models, and model files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.saved_run import generate
from jem_tui.jem.saved_run.generate import draw_chains, fresh_chains, starts
from jem_tui.jem.saved_run.load_run import OpenedRun, open_run
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, load_model, save_model
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.resume import restore
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file
from tests.jem.runs import run as run_events
from tests.jem.trained import trained_config

CPU = torch.device("cpu")
SHAPE = (1, 28, 28)


def silent(text: str, fraction: float | None) -> None:
    pass


@pytest.fixture(scope="module")
def folder(trained_folder: Path) -> Path:
    return trained_folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> OpenedRun:
    return open_run(trained_config(), folder, "cpu", silent)


@pytest.fixture(scope="module")
def test_pixels(opened):
    return to_tensors(opened.data.test, CPU)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_opened_network_has_the_last_scores_of_the_run(folder, opened, test_pixels):
    trainer = open_trainer(
        replace(trained_config(), train=replace(trained_config().train, max_steps=300)), folder, False, silent
    )
    restore(trainer, load_newest_checkpoint(folder, CPU)[0], folder)
    assert opened.step == 260
    scores = classification_scores(opened.network, *test_pixels)
    assert scores == classification_scores(trainer.learner.evaluated, *test_pixels)
    assert scores["accuracy"] > 0.8
    assert torch.equal(opened.chains, trainer.learner.buffer.x)
    assert not opened.network.training
    assert not any(p.requires_grad for p in opened.network.parameters())


def test_the_initial_distribution_is_that_of_the_training_run(opened, folder):
    trainer = open_trainer(trained_config(), folder, False, silent)
    assert torch.equal(opened.initial.draw(20, seeded()), trainer.learner.chain_pool.initial.draw(20, seeded()))


def test_a_run_without_average_opens_its_plain_weights(tmp_path, opened):
    config = trained_config()
    config = replace(config, optimizer=replace(config.optimizer, ema=0.0), train=replace(config.train, max_steps=3))
    run_events(config, tmp_path)
    plain = open_run(config, tmp_path, "cpu", silent).network.state_dict()
    saved = load_newest_checkpoint(tmp_path, CPU)[0]["learner"]["network"]
    assert all(torch.equal(plain[name], saved[name]) for name in saved)


def test_energies_of_fresh_chains_fall_towards_those_of_the_data(opened, test_pixels):
    mean = []
    fresh_chains(
        opened, 60, 30, seeded(), start="informative", on_step=lambda k, x: mean.append(mean_energy(opened, x))
    )
    assert len(mean) == 31
    assert mean[0] > mean[10] > mean[30]
    noise = mean_energy(opened, starts(opened.initial, 60, seeded(), None, "uniform"))
    data = mean_energy(opened, test_pixels[0][:500])
    assert data < noise
    assert abs(mean[30] - data) < abs(noise - data)


def mean_energy(opened: OpenedRun, x: torch.Tensor) -> float:
    return float(energy(logits_in_chunks(opened.network, x)).mean())


@pytest.mark.parametrize("start", ["initial", "informative", "uniform"])
@pytest.mark.parametrize("label", [1, 7])
def test_chains_of_a_class_are_taken_for_that_class(opened, start, label):
    x = fresh_chains(opened, 50, 60, seeded(), label=label, start=start)
    predicted = logits_in_chunks(opened.network, x).argmax(1)
    assert (predicted == label).float().mean() > 0.6  # by luck some of 50 chains end elsewhere; by chance most would


def test_starts_of_a_class_look_like_its_mean(opened, test_pixels):
    x = starts(opened.initial, 200, seeded(), 1, "informative").mean(0)
    kept = opened.data.train.images[opened.data.train.labels == 1].mean(0)[..., 0] / 127.5 - 1
    assert np.corrcoef(x.flatten(), kept.flatten())[0, 1] > 0.97


def test_chains_depend_on_the_seed_and_on_nothing_else(opened):
    first, again, other = (
        draw_chains(opened, 10, 8, seed, None, "initial", {0, 4}, lambda k: None) for seed in (3, 3, 4)
    )
    assert (first.tiles == again.tiles).all()
    assert (first.energy, first.counts) == (again.energy, again.counts)
    assert not (first.tiles == other.tiles).all()
    assert len(first.frames) == 2
    assert sum(first.counts) == 10
    assert first.tiles.shape == (10, 28, 28, 1)


def test_chains_in_several_groups_are_one_result(opened, monkeypatch):
    monkeypatch.setattr(generate, "GROUP", 4)
    reported: list[int] = []
    drawn = draw_chains(opened, 10, 6, 3, None, "initial", {0}, reported.append)
    assert drawn.tiles.shape == (10, 28, 28, 1)
    assert len({tile.tobytes() for tile in drawn.tiles}) == 10
    assert sum(drawn.counts) == 10
    assert [len(frame) for frame in drawn.frames] == [4]
    assert (reported, max(reported)) == (sorted(reported), 6)


def test_chains_in_several_chunks_all_move(opened):
    x = fresh_chains(opened, 510, 1, seeded(), start="uniform")
    assert (x != starts(opened.initial, 510, seeded(), None, "uniform")).flatten(1).any(1).all()


def test_a_model_file_opens_without_a_checkpoint(tmp_path, opened, folder, test_pixels):
    save_model(tmp_path / MODEL_FILE, model_of(opened), opened.config.network, test_pixels[0], most_chains=50)
    published = open_run(opened.config, tmp_path, "cpu", silent)
    assert published.step == opened.step
    assert published.chains.shape == (50, *SHAPE)
    assert (published.chains - opened.chains[:50]).abs().max() <= 1 / 255
    scores = classification_scores(published.network, *test_pixels)
    expected = classification_scores(opened.network, *test_pixels)
    assert scores["accuracy"] == expected["accuracy"]
    assert scores["xe"] == pytest.approx(expected["xe"], abs=1e-3)
    with np.load(tmp_path / MODEL_FILE, allow_pickle=False) as arrays:
        kinds = {arrays[name].dtype for name in arrays.files if name.startswith("weight/")}
    assert kinds == {np.dtype(np.float16)}


def test_weights_that_halving_would_change_are_kept_whole(tmp_path, opened, test_pixels):
    network = load_state(
        opened, {k: v * (40 if "1.weight" in k else 1) for k, v in opened.network.state_dict().items()}
    )
    model = Model(step=1, network=network, chains=opened.chains)
    save_model(tmp_path / MODEL_FILE, model, opened.config.network, test_pixels[0])
    read = load_model(tmp_path / MODEL_FILE, opened.config.network, SHAPE, 10, CPU).network
    assert torch.equal(logits_in_chunks(read, test_pixels[0]), logits_in_chunks(network, test_pixels[0]))


def load_state(opened: OpenedRun, weights: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    from jem_tui.jem.saved_run.model_file import build

    return build(opened.config.network, weights, SHAPE, 10, CPU)


def model_of(opened: OpenedRun) -> Model:
    return Model(step=opened.step, network=opened.network, chains=opened.chains)


@pytest.mark.parametrize("damage", ["cut", "pickle", "shape", "nan", "text"])
def test_a_damaged_model_is_refused_in_one_sentence(tmp_path, opened, test_pixels, damage):
    path = tmp_path / MODEL_FILE
    save_model(path, model_of(opened), opened.config.network, test_pixels[0][:50], most_chains=5)
    content = path.read_bytes()
    with np.load(path) as arrays:
        arrays = dict(arrays)
    name = next(n for n in arrays if n.startswith("weight/"))
    match damage:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "text":
            path.write_text("no model")
        case "pickle":
            np.savez(path, **arrays | {"chains": np.array([{}], dtype=object)})
        case "shape":
            np.savez(path, **arrays | {name: arrays[name][:1]})
        case "nan":
            np.savez(path, **arrays | {name: arrays[name] * np.nan})
    with pytest.raises(InputError, match="damaged, or does not fit"):
        load_model(path, opened.config.network, SHAPE, 10, CPU)


def test_a_model_that_unpacks_to_more_than_the_limit_is_refused(tmp_path, opened, test_pixels, monkeypatch):
    path = tmp_path / MODEL_FILE
    save_model(path, model_of(opened), opened.config.network, test_pixels[0][:50], most_chains=5)
    monkeypatch.setattr("jem_tui.jem.saved_run.model_file.MOST_BYTES", 1000)
    with pytest.raises(InputError, match="damaged, or does not fit"):
        load_model(path, opened.config.network, SHAPE, 10, CPU)


@pytest.mark.parametrize("reason", [PermissionError(13, "Permission denied"), FileNotFoundError(2, "No such file")])
def test_a_model_that_cannot_be_read_is_not_called_damaged(tmp_path, opened, monkeypatch, reason):
    def refuse(path: Path) -> None:
        raise reason

    monkeypatch.setattr("jem_tui.jem.saved_run.model_file.open_regular", refuse)
    with pytest.raises(InputError, match=f"cannot be read: {reason.strerror}"):
        load_model(tmp_path / MODEL_FILE, opened.config.network, SHAPE, 10, CPU)


def test_runs_that_cannot_be_opened_give_a_reason(tmp_path, folder, opened):
    with pytest.raises(InputError, match="has no checkpoint yet"):
        open_run(opened.config, tmp_path, "cpu", silent)
    wider = replace(opened.config, network=replace(opened.config.network, width=16))
    with pytest.raises(InputError, match="does not fit"):
        open_run(wider, folder, "cpu", silent)
    copy = shutil.copytree(folder, tmp_path / "copy")
    newest = sorted_checkpoints(copy)[-1]
    before = newest.with_name("step_000001.pt")
    shutil.copy(newest, before)
    newest.write_bytes(b"PK")
    before_it = open_run(opened.config, copy, "cpu", silent)
    assert before_it.step == opened.step and opened.checkpoint_warnings == ()
    assert before_it.checkpoint_warnings == (f"{newest.name} cannot be read; step_000001.pt is used instead",)
    for path in sorted_checkpoints(copy):
        path.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"checkpoints in .* are damaged"):
        open_run(opened.config, copy, "cpu", silent)


def test_the_run_file_holds_the_settings_that_open_it(folder, opened):
    from jem_tui.config.load import from_mapping

    config = from_mapping(read_run_file(folder).config, "run.json")
    assert (config.network, config.sgld, config.buffer) == (
        opened.config.network,
        opened.config.sgld,
        opened.config.buffer,
    )
