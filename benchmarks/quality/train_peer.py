"""A planned run that another library trains. Its folder gets the files of a run: settings, time and model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.peers import Peer, peer_of
from benchmarks.quality.run_record import RunRecord
from benchmarks.quality.study import Plan
from jem_tui.config.load import as_mapping
from jem_tui.config.schema import RunConfig
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, save_model
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.stream.runs.run_dir import RunFile, write_run_file
from jem_tui.version import __version__

if TYPE_CHECKING:
    from jem_tui.jem.learner.learner import Learner


def train_peer(plan: Plan, config: RunConfig) -> None:
    """Train all steps of a run, and write its model. A killed run starts again, as these loops have no checkpoints here."""
    learner = open_trainer(config, plan.folder, False, lambda text, fraction: None).learner
    peer, now, started = peer_of(plan.role, learner), plan.study.now, time.time()
    began = now()
    for _ in range(config.train.max_steps):
        peer.train()
    record = RunRecord(plan.folder)
    record.resume_at(0)
    record.add(seconds=now() - began)
    record.keep(config.train.max_steps)
    finite = write_model(plan.folder, peer, learner)
    write_run_file(plan.folder, run_file(config, started, finite=finite))


def write_model(folder: Path, peer: Peer, learner: Learner) -> bool:
    """Write the model file, and return whether the library's weights are finite; those that are not are not written."""
    network = peer.network().eval().requires_grad_(False)
    finite = all(bool(value.isfinite().all()) for value in network.state_dict().values())
    if finite:
        chains = peer.chains().float().nan_to_num().clamp(-1, 1)
        steps = learner.config.train.max_steps
        model = Model(step=steps, network=network, chains=chains)
        save_model(folder / MODEL_FILE, model, learner.config.network, learner.batches.pixels[:500], len(chains))
    return finite


def run_file(config: RunConfig, started: float, *, finite: bool) -> RunFile:
    """Return the description of a run that has ended."""
    steps = config.train.max_steps
    return RunFile(
        versions={"jem-tui": __version__},
        argv=("benchmarks.quality",),
        config=as_mapping(config),
        seed=config.train.seed,
        device="cpu",
        status="finished" if finite else "diverged",
        step=steps,
        images=steps * config.train.batch_size,
        started=started,
        updated=time.time(),
    )
