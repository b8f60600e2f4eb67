"""Paragraphs of the help about the draw screen."""

from __future__ import annotations

EXPLANATION = (
    "The bars are p(y|x), the class probabilities of the drawing. E(x) = −logsumexp_y f(x)[y] is its energy: low where the model "
    "expects images.",
    "The histograms are the energies of training images, of validation images, which are held out of training, and of the chains of the replay "
    "buffer. The solid line is the drawing, the dashed line the threshold. A drawing with a higher energy counts as out of distribution "
    "(OOD). By definition, 5 % of the validation images are above the threshold; false alarms are the share of test "
    "images above it.",
    "A drawing need not look like the data: MNIST scales each digit to 20 pixels and moves its centre of mass into the middle of 28 × 28 "
    "pixels, so that a digit in a corner is out of distribution for a good reason. {draw-centre} prepares a drawing in the same way: it is enlarged "
    "or reduced, and centred. The image in colour is then the one that is scored.",
    "{draw-chain} runs the run's own sampler from the drawing, with its step size and noise, down E(x), or down E(x, y) of the class chosen with {draw-class} "
    "or a digit. The chain shows what the model makes of the drawing. {draw-restore} restores the drawing, {draw-save} saves it.",
    "While a run trains, its current weights score the drawing between two steps. Drawing changes no number of the run, and takes at "
    "most about a tenth of its time.",
)
