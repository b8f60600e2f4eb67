"""Networks of a user: what works is left unchanged, and each lack gets one sentence before training."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from jem_tui.config.schema import DataConfig, NetworkConfig
from jem_tui.config.setting import Arguments
from jem_tui.errors import InputError
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import as_input, as_pixels, to_tensors
from jem_tui.jem.model.network_checks import check_network
from jem_tui.jem.model.network_size import network_size
from jem_tui.jem.model.networks import count_parameters, make_network
from jem_tui.jem.saved_run.model_file import Model, load_model, save_model
from tests.jem.model import own_networks
from tests.plugins.user_folder import working_directory

SHAPE, CLASSES = (3, 15, 15), 5
X = torch.rand(8, *SHAPE, generator=torch.Generator().manual_seed(2)) * 2 - 1


def named(name: str, **args: object) -> NetworkConfig:
    """Return settings that name a network of either table."""
    module = "own_networks" if hasattr(own_networks, name) else "wrong_networks"
    return NetworkConfig(name=f"tests.jem.model.{module}:{name}", args=Arguments(args))


def check(name: str, **args: object) -> None:
    """Create a network from a seed and check it."""
    config = named(name, **args)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = make_network(config, SHAPE, CLASSES)
    before = {name: value.clone() for name, value in (*network.named_parameters(), *network.named_buffers())}
    modes = [module.training for module in network.modules()]
    state = torch.get_rng_state()
    try:
        check_network(config.name, network, X.clone(), CLASSES)
    finally:
        assert torch.equal(torch.get_rng_state(), state)
        assert [module.training for module in network.modules()] == modes
        after = dict((*network.named_parameters(), *network.named_buffers()))
        assert all(torch.equal(after[name], value) for name, value in before.items())


@pytest.mark.parametrize(
    "name", ["Small", "function", "Normalised", "Zeroed", "LikePriors", "LikeProbabilities", "frozen"]
)
def test_a_usable_network_passes(name):
    check(name)


def test_arguments_reach_the_network():
    wide, narrow = (make_network(named("Small", width=width), SHAPE, CLASSES) for width in (16, 8))
    assert count_parameters(wide) > 1.9 * count_parameters(narrow)
    assert network_size(named("Small", width=16), SHAPE, CLASSES).weights == 4 * count_parameters(wide)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("refusing", r"cannot be created for images of shape \(3, 15, 15\) and 5 classes: ValueError: a depth of 1 is too small \(.*networks\.py, line \d+\)\. It was called as refusing\(\(3, 15, 15\), 5\)"),
        ("leaving", r"cannot be created .*: SystemExit: 3 \(.*networks\.py, line"),
        ("nothing", r"is of type NoneType, not a torch\.nn\.Module"),
        ("ready", r"is already a module, of type Small\. Name its class, or a function that returns a new module"),
        ("narrow", r"does not accept its arguments: too many positional arguments\. It is called as narrow\(\(3, 15, 15\), 5\)"),
        ("Raising", r"fails on images of shape \(8, 3, 15, 15\): KeyError: 'missing' \(.*networks\.py, line"),
        ("Leaving", r"fails on images of shape \(8, 3, 15, 15\): SystemExit: 3 \(.*networks\.py, line"),
        ("LazyAndRaising", r"has a lazy layer without sizes: KeyError: 'missing' \(.*networks\.py, line \d+\)\. Its forward"),
        ("LazyAndUnused", r"has a lazy layer without sizes: it does not use the layer"),
        ("Mismatched", r"fails on images of shape .*: RuntimeError: .* \(.*networks\.py, line"),
        ("TwoOutputs", r"returns a value of type tuple, not a tensor\. It must return one float32 tensor of logits, of shape \(n, 5\)"),
        ("Scalar", r"returns a tensor of shape \(8,\) instead of \(8, 5\)"),
        ("OneMore", r"returns a tensor of shape \(8, 6\) instead of \(8, 5\)"),
        ("Doubled", r"returns logits of type float64"),
        ("Predicting", r"returns logits of type int64"),
        ("Infinite", r"not finite for 8 of 8 images"),
        ("InPlace", r"changes its input in place"),
        ("Dropping", r"returns different logits for the same images, because of Dropout drop\. E\(x\) must depend on x alone: leave out dropout"),
        ("Noisy", r"returns different logits for the same images\. E\(x\)"),
        ("BatchNormalised", r"depend on the other images of its batch, because of BatchNorm2d norm\. .*GroupNorm instead of batch normalisation, or return the network in evaluation mode"),
        ("Centred", r"depend on the other images of its batch\. E\(x\)"),
        ("LogProbabilities", r"has outputs whose logsumexp is 0 for every image\. Return logits, not log_softmax: E\(x\) = −logsumexp would be 0"),
        ("Probabilities", r"has outputs that sum to 1 for every image\. Return logits, not softmax: "),
        ("Stateful", r"has '_extra_state' of a value of type dict in its state_dict"),
        ("Renamed", r"does not load its own state_dict: RuntimeError"),
        ("Frozen", r"has no trainable parameters"),
        ("ListedLayers", r"has no trainable parameters\. Register its layers"),
        ("Detached", r"no gradient with respect to the images"),
        ("WithoutGradients", r"no gradient with respect to the images"),
        ("Rounding", r"gradient with respect to the images is zero"),
        ("SteepRoot", r"gradients with respect to the images that are not finite"),
        ("Uncopyable", r"cannot be copied, which the average of the weights needs: RuntimeError"),
    ],
)  # fmt: skip
def test_each_lack_gets_one_sentence(name, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        check(name)
    text = str(caught.value)
    assert text.startswith(f"The network {named(name).name} ") and "\n" not in text


def test_unknown_arguments_are_named():
    with pytest.raises(InputError, match=r"unexpected keyword argument 'widht'.*Small\(\(3, 15, 15\), 5, widht=3\)"):
        check("Small", widht=3)
    with pytest.raises(InputError, match=r"conv takes no network\.args, but width, depth is set"):
        make_network(NetworkConfig(args=Arguments(width=3, depth=2)), SHAPE, CLASSES)


@pytest.mark.parametrize("channels", [1, 3])
def test_code_that_needs_contiguous_images_gets_them(channels):
    x = X[:, :channels].contiguous()
    network = make_network(named("Small"), (channels, *SHAPE[1:]), CLASSES)
    torch.testing.assert_close(network(x.clone(memory_format=torch.channels_last)), network(x))
    assert network.features.weight.is_contiguous()


@pytest.mark.parametrize("channels", [1, 3])
def test_code_that_a_gpu_would_give_other_features_keeps_its_layout(channels):
    network = make_network(named("Small"), (channels, *SHAPE[1:]), CLASSES)
    kernel: torch.Tensor = network.features.weight  # type: ignore[union-attr,assignment]
    assert kernel.stride(1) == 9, "in the channels-last layout, a GPU returns features that `view` refuses"


def test_code_that_works_in_channels_last_is_in_that_layout():
    free = make_network(named("function"), SHAPE, CLASSES)
    assert free[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_the_network_of_the_documentation_pass(tmp_path, monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-network.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "mynet.py").write_text(code[0])
    (tmp_path / "mydata.py").write_text(code[1])
    with working_directory(tmp_path):
        data = load_data(DataConfig(name="mydata:load", args=Arguments(count=40)), 0, lambda text, fraction: None)
        x = as_input(to_tensors(data.train, torch.device("cpu"))[0][:8])
        config = NetworkConfig(name="mynet:Net", args=Arguments(hidden=8))
        check_network(config.name, make_network(config, (1, 16, 16), 2), x, 2)


def test_a_model_file_holds_a_network_of_the_user(tmp_path):
    config = named("Normalised")
    network = make_network(config, SHAPE, CLASSES).eval()
    pixels = as_pixels(X)
    model = Model(step=3, network=network, chains=X)
    save_model(tmp_path / "model.npz", model, config, pixels)
    loaded = load_model(tmp_path / "model.npz", config, SHAPE, CLASSES, torch.device("cpu"))
    torch.testing.assert_close(loaded.network(X), network(X), rtol=0.02, atol=0.01)


def test_a_network_that_is_not_there_is_named_instead_of_its_model_file(tmp_path):
    config = named("Normalised")
    model = Model(step=3, network=make_network(config, SHAPE, CLASSES).eval(), chains=X)
    save_model(tmp_path / "model.npz", model, config, as_pixels(X))
    with pytest.raises(InputError, match="There is no module nowhere_to_be_found"):
        load_model(
            tmp_path / "model.npz", NetworkConfig(name="nowhere_to_be_found:Net"), SHAPE, CLASSES, torch.device("cpu")
        )


def test_the_size_of_a_network_that_leaves_the_program_is_that_of_its_weights():
    size = network_size(named("Leaving"), SHAPE, CLASSES)
    assert size.weights and size.activations


@pytest.mark.parametrize("classes", [2, 1000])
@pytest.mark.parametrize(
    ("name", "usable"), [("LikePriors", True), ("LogProbabilities", False), ("Probabilities", False)]
)
def test_normalised_outputs_are_recognised_with_few_and_many_classes(name, usable, classes):
    network = make_network(named(name), SHAPE, classes)
    with nullcontext() if usable else pytest.raises(InputError, match="Return logits, not"):
        check_network(name, network, X.clone(), classes)
