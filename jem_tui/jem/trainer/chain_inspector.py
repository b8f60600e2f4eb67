"""Facts about a chain of a run that trains, between two of its steps. Weights, random streams, events and log do not depend on them."""

from __future__ import annotations

from contextlib import suppress

import torch

from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.commands import InspectChain
from jem_tui.jem.evaluation.training_images import TrainingImages
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.undisturbed import undisturbed


class ChainInspector:
    """Answers requests for facts about chains. Its methods are called between two steps, on one rank."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._images = TrainingImages(learner.batches.pixels, learner.batches.labels)

    def answer(self, command: InspectChain, step: int) -> None:
        """Answer a request at optimizer step `step`. A chain of another rank and a failure are answered by a refusal: the run continues."""
        # The text of an exception of user code, and the receiver, can raise exceptions as well
        with suppress(Exception, SystemExit):
            try:
                found = self._facts(command.chain, step)
            except (Exception, SystemExit) as error:
                found = ChainRefusal(chain=command.chain, text=failure_text(error))
            command.answer(found)

    def _facts(self, chain: int, step: int) -> ChainInspection | ChainRefusal:
        """Return the facts about a chain of this rank, and a refusal for any other chain."""
        count = len(self._learner.buffer)
        if 0 <= chain < count:
            return self.inspect(chain, step)
        cause = (
            "there is no such chain"
            if self._learner.ranks.alone
            else "it belongs to another rank, which does not answer"
        )
        text = f"The class probabilities of chain {chain + 1:,} are not available: {cause}. Select one of the chains 1 to {count:,}."
        return ChainRefusal(chain=chain, text=text)

    @torch.no_grad()
    def inspect(self, chain: int, step: int) -> ChainInspection:
        """Return the facts about the chain in a slot of the buffer."""
        learner, images = self._learner, self._images
        x = learner.buffer.x[chain : chain + 1]
        with undisturbed(learner.network):
            probabilities = logits_in_chunks(learner.network, x).softmax(1)[0]
        row, distance = images.nearest(x)
        return ChainInspection(
            chain=chain,
            step=step,
            probabilities=probabilities.float().cpu().numpy(),
            nearest=images.image(row),
            nearest_label=images.label(row),
            distance=distance,
            mean=images.mean_of(int(probabilities.argmax())),
        )


def failure_text(error: BaseException) -> str:
    """Return the sentence for an inspection that has failed."""
    cause = f"{type(error).__name__}: {error}".rstrip(" :.")
    return f"The chain could not be inspected ({cause}). Training continues."
