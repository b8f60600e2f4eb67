from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.datasets import load_data, mnist_mini
from jem_tui.jem.data.image_set import DataSet

SHARED_MNIST = Path(__file__).parents[4] / "shared" / "datasets" / "MNIST" / "raw"


def quiet(text: str, fraction: float | None) -> None:
    pass


def load(name: str | Path, **settings: Any) -> DataSet:
    return load_data(DataConfig(name=str(name), **settings), 0, quiet)


def write_images(
    folder: Path,
    classes: Sequence[str] = ("cat", "dog"),
    count: int = 6,
    size: tuple[int, int] = (8, 8),
    mode: str = "RGB",
) -> Path:
    noise = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(count):
            shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
            Image.fromarray(noise.integers(0, 256, shape, dtype=np.uint8)).save(folder / name / f"{i}.png")
    return folder


def test_the_built_in_digits_are_balanced():
    data = mnist_mini()
    assert data.train.images.shape == (10_000, 28, 28, 1)
    assert np.bincount(data.train.labels).tolist() == [1000] * 10
    assert np.bincount(data.test.labels).tolist() == [200] * 10
    assert data.class_names == tuple("0123456789")


@pytest.mark.skipif(not SHARED_MNIST.is_dir(), reason="needs the original MNIST files")
def test_the_built_in_digits_are_made_by_the_script_from_the_original_files(tmp_path, monkeypatch):
    sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
    import make_mnist_mini

    monkeypatch.setattr(make_mnist_mini, "TARGET", tmp_path / "mini.npz")
    make_mnist_mini.main(SHARED_MNIST)
    made, shipped = np.load(tmp_path / "mini.npz"), mnist_mini()
    assert (made["train_images"] == shipped.train.images[..., 0]).all()
    assert (made["test_labels"] == shipped.test.labels).all()


def test_the_built_in_file_is_small_and_has_a_licence():
    folder = Path(__file__).parents[3] / "jem_tui" / "jem" / "data" / "mnist_mini"
    assert (folder / "mnist_mini.npz").stat().st_size <= 2_500_000
    assert "CC BY-SA 3.0" in (folder / "LICENSE").read_text()


def test_a_folder_of_class_folders_is_read_in_colour(tmp_path):
    data = load(write_images(tmp_path / "pets", count=10), validation=0.2)
    assert data.class_names == ("cat", "dog")
    assert data.train.images.shape == (16, 8, 8, 3)
    assert len(data.test) == 4


def test_gray_images_stay_gray(tmp_path):
    assert load(write_images(tmp_path, mode="L")).train.images.shape[-1] == 1


def test_deep_gray_images_use_the_whole_range_and_keep_their_order(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.fromarray(np.full((4, 4), 257 * (10 + i), np.uint16)).save(tmp_path / name / f"{i}.png")
    data = load(tmp_path)
    assert data.train.images.shape[-1] == 1
    assert set(np.unique(np.concatenate([data.train.images, data.test.images]))) == {0, 85, 170, 255}


def test_gray_with_transparency_is_gray(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(3):
            Image.new("LA", (4, 4), (99, 255)).save(tmp_path / name / f"{i}.png")
    assert load(tmp_path).train.images.shape[-1] == 1


def test_a_folder_with_train_and_test_keeps_them_apart(tmp_path):
    write_images(tmp_path / "train", count=5)
    write_images(tmp_path / "test", count=2)
    data = load(tmp_path)
    assert (len(data.train), len(data.test)) == (10, 4)


def test_labels_follow_their_folders(tmp_path):
    for label, name in enumerate(["a", "b", "c"]):
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.new("L", (4, 4), 10 * label).save(tmp_path / name / f"{i}.png")
    data = load(tmp_path)
    assert (data.train.images[:, 0, 0, 0] == 10 * data.train.labels).all()
    assert (data.test.images[:, 0, 0, 0] == 10 * data.test.labels).all()


def test_unequal_sizes_are_named_unless_a_size_is_given(tmp_path):
    write_images(tmp_path, count=3)
    Image.new("RGB", (20, 10)).save(tmp_path / "dog" / "wide.png")
    with pytest.raises(InputError, match=r"wide\.png is 20×10.*data\.size"):
        load(tmp_path)
    assert load(tmp_path, size=6).train.images.shape[1:] == (6, 6, 3)


def test_an_unreadable_image_is_named(tmp_path):
    write_images(tmp_path)
    (tmp_path / "cat" / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(InputError, match=r"Cannot read the image .*broken\.png: it is not an image file"):
        load(tmp_path)


def test_a_folder_without_classes_or_with_an_empty_class_is_refused(tmp_path):
    (tmp_path / "only").mkdir()
    with pytest.raises(InputError, match=r"has 1 sub-folder\."):
        load(tmp_path)
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match="holds no images"):
        load(tmp_path)


def test_an_unknown_name_lists_all_data_sets():
    with pytest.raises(InputError, match=r"named mnst.*mnist-mini, mnist"):
        load("mnst")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        *(("cifr10", "cifar10"), ("CIFAR-10", "cifar10"), ("MNIST", "mnist"), ("FashionMNIST", "fashion-mnist")),
        *(("minist_mini", "mnist-mini"), ("zootopia", "zoo-topia"), ("./zootopia", "zoo-topia")),
    ],
)
def test_an_unknown_name_suggests_the_nearest(asked, found, tmp_path, monkeypatch):
    (tmp_path / "zoo-topia").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=rf"named {asked} \(did you mean {found}\?\)"):
        load(asked)


def test_a_missing_path_names_a_similar_one_in_full(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(InputError, match=rf"did you mean {tmp_path / 'images'}\?"):
        load_data(DataConfig(name=str(tmp_path / "image")), 0, quiet)
    with pytest.raises(InputError) as refusal:
        load_data(DataConfig(name=str(tmp_path / "magic")), 0, quiet)
    assert "did you mean" not in refusal.value.message


def test_a_folder_with_the_name_of_a_collection_is_pointed_out(tmp_path, monkeypatch):
    write_images(tmp_path / "cifar10")
    write_images(tmp_path / "mnist-mini")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("no network")))
    emitted: list[str] = []
    with pytest.raises(InputError, match=r"The name cifar10 .* use --data \./cifar10"):
        load_data(
            DataConfig(name="cifar10", dir=str(tmp_path / "none")), 0, lambda text, fraction: emitted.append(text)
        )
    assert "--data ./cifar10" in emitted[0]
    assert "--data ./mnist-mini" in load("mnist-mini").reading.warnings[0]
    assert load("./cifar10").class_names == ("cat", "dog")


@pytest.mark.slow
def test_the_built_in_digits_need_no_torchvision():
    code = "import sys; from jem_tui.jem.data.datasets import mnist_mini; mnist_mini(); assert 'torchvision' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_former_address_of_read_folder_is_kept():
    from jem_tui.jem import image_folder as former
    from jem_tui.jem.data import image_folder

    assert former.read_folder is image_folder.read_folder
