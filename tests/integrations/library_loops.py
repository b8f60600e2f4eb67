"""Small training runs with Lightning, transformers and ebmkit, each with or without a watched run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

BATCH = 8
Train = Callable[[Path, Path | None, int], nn.Module]
"""A function of a scratch folder, the run folder (None: unwatched) and the number of steps, that returns the trained network."""


def digest(network: nn.Module) -> str:
    """Return a hash of all weights."""
    content = b"".join(weights.detach().numpy().tobytes() for weights in network.parameters())
    return hashlib.sha256(content).hexdigest()


def data() -> TensorDataset:
    """Return 64 points of two classes."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(64, 4, generator=generator)
    return TensorDataset(points, (points.sum(1) > 0).long())


def train_lightning(scratch: Path, run_dir: Path | None, steps: int) -> nn.Module:
    """Train with a learning rate schedule, dropout and a validation after every eighth step."""
    lightning = pytest.importorskip("lightning.pytorch")

    class Module(lightning.LightningModule):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            loss = F.cross_entropy(self.network(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", F.cross_entropy(self.network(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 5)]

    callbacks = []
    if run_dir is not None:
        from jem_tui.integrations.lightning import Watch

        callbacks.append(Watch(str(run_dir)))
    lightning.seed_everything(3)
    module = Module()
    trainer = lightning.Trainer(
        max_steps=steps,
        max_epochs=-1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=callbacks,
        default_root_dir=scratch,
    )
    trainer.fit(module, DataLoader(data(), BATCH, shuffle=True), DataLoader(data(), BATCH))
    return module


def train_transformers(scratch: Path, run_dir: Path | None, steps: int) -> nn.Module:
    """Train with a linear schedule of the learning rate, and with the loss of each step."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))

        def forward(self, points: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
            logits = self.network(points)
            return {"loss": F.cross_entropy(logits, labels), "logits": logits}

    callbacks = []
    if run_dir is not None:
        from jem_tui.integrations.transformers import Watch

        callbacks.append(Watch(str(run_dir)))
    transformers.set_seed(3)
    arguments = transformers.TrainingArguments(
        str(scratch),
        max_steps=steps,
        per_device_train_batch_size=BATCH,
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=1000 if steps > 1000 else 10,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    rows = [{"points": point, "labels": label} for point, label in (data()[row] for row in range(len(data())))]
    trainer = transformers.Trainer(
        Classifier(), arguments, train_dataset=rows, eval_dataset=rows[:16], callbacks=callbacks
    )
    trainer.train()
    network: nn.Module = trainer.model
    return network


def train_ebmkit(scratch: Path, run_dir: Path | None, steps: int) -> nn.Module:
    """Train an energy of images by contrastive divergence."""
    training = pytest.importorskip("ebm.training")
    from ebm.losses.cd import ContrastiveDivergence
    from ebm.samplers.langevin import LangevinDynamics

    class Energy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.SiLU(), nn.Linear(8, 1))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            energies: torch.Tensor = self.network(images)
            return energies.squeeze(1)

    torch.manual_seed(3)
    trainer = training.Trainer(Energy(), ContrastiveDivergence(LangevinDynamics(steps=3)), device="cpu")
    watched: Any = nullcontext()
    if run_dir is not None:
        from jem_tui.integrations.ebmkit import watch_trainer

        watched = watch_trainer(trainer, str(run_dir), images=BATCH, total_steps=steps)
    with watched:
        trainer.fit(torch.rand(32, 1, 4, 4), steps=steps, batch_size=BATCH, verbose=False)
    network: nn.Module = trainer.energy
    return network


LOOPS: dict[str, Train] = {
    "lightning": train_lightning,
    "transformers": train_transformers,
    "ebmkit": train_ebmkit,
}
