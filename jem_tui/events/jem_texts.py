"""JEM in one page, and the symbols of curves and help.

The help of the screen displays these sentences, and `tools/make_docs.py` writes them into a page.
"""

from __future__ import annotations

from collections.abc import Mapping

ONE_PAGE: Mapping[str, str] = {
    "One network, two answers": "A classifier computes one number for each class of an image, its logits f(x)[y]. Softmax converts them to "
    "class probabilities p(y|x). A Joint Energy-based Model (JEM) reads a second answer from the same numbers: how probable the image "
    "itself is.",
    "Energy": "E(x) = −logsumexp_y f(x)[y] is the energy of an image, in nats. The lower it is, the higher is the density p(x) = exp(−E(x)) / Z: "
    "the model expects such images. Z is unknown, so only differences of energies have a meaning.",
    "Chains": "Training needs images that the model itself considers probable. Chains generate them: SGLD moves an image downhill on the energy "
    "in small steps, with a little noise. Each batch continues some chains of the replay buffer by K steps and puts them back. A few "
    "restart at random, so that the model keeps learning how a chain gets from its start to a sample.",
    "Training": "Each step lowers the energy of images of the data set and raises that of the chains, until both are about equal. JEM/nrg is the "
    "difference of their mean energies, JEM/xe the loss of the classifier, JEM/total the sum of both.",
    "A healthy run": "The chains become images that resemble the data, JEM/nrg falls and returns to near 0, and the accuracy rises. A run "
    "whose energies run away is rolled back to its last good snapshot.",
    "Uses": "A JEM detects images unlike its training data (out of distribution, OOD) by their energy, generates images, and its confidence "
    "is closer to its accuracy than that of a plain classifier.",
}
"""Paragraphs by title, in the order of reading."""

SYMBOLS: Mapping[str, str] = {
    "x": "an image of the data set, with pixels in [−1, 1]",
    "x̂": "a sample: the state of a chain",
    "y": "a class, such as the digit 7",
    "f(x)[y]": "the logit of class y, a number that the network computes",
    "p(y|x)": "the probability of class y for the image x: softmax of the logits",
    "p(x)": "the density of the image x under the model",
    "E(x)": "the energy of x in nats; low for images that the model expects",
    "Z": "the unknown constant that normalizes p(x)",
    "K": "the number of SGLD steps of each chain in a batch",
    "α": "the step size of SGLD",
    "σ": "the scale of the noise in each SGLD step",
    "SGLD": "stochastic gradient Langevin dynamics: downhill on the energy, with noise",
    "nat": "the unit of energies and losses: a natural logarithm",
    "xe": "cross-entropy, the loss of the classifier",
    "nrg": "energy difference: mean E(x) of images minus mean E(x̂) of samples",
    "val": "measured on validation images, which are not trained on",
    "ECE": "expected calibration error: distance between confidence and accuracy",
    "OOD": "out of distribution: unlike the training data",
    "AUROC": "probability that an image of the data has a lower energy than one of another set; 1 separates them fully, 0.5 is chance",
}
"""Meanings by symbol or abbreviation."""
