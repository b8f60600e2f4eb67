"""Decoding of images of every mode, format and range of values to correct grays or colours."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.image_file import read_header
from jem_tui.jem.data.image_folder import read_folder
from jem_tui.jem.data.image_set import DataSet
from tests.examples import examples

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
"""Every gray once: scaled by its own span, the ramp does not change."""
COLOURS = np.stack([RAMP, RAMP[::-1], RAMP.T], axis=-1)
LOSSLESS = ("png", "tiff")
GRAYS = {
    "L": (Image.fromarray(RAMP), (*LOSSLESS, "bmp", "pgm", "gif", "tga", "PNG", "TIF")),
    "P": (Image.fromarray(RAMP).convert("P"), (*LOSSLESS, "gif", "bmp")),
    "LA": (Image.merge("LA", [Image.fromarray(RAMP), Image.new("L", (16, 16), 255)]), (*LOSSLESS, "tga")),
    "16-bit": (Image.fromarray(RAMP.astype(np.uint16) * 257), (*LOSSLESS, "pgm")),
    "12-bit": (Image.fromarray(RAMP.astype(np.uint16) * 16), LOSSLESS),
    "16-bit, big-endian": (Image.frombytes("I;16B", (16, 16), RAMP.astype(">u2").tobytes()), ("tiff",)),
    "32-bit": (Image.fromarray(RAMP.astype(np.int32) * 1000 - 500), ("tiff",)),
    "0 to 1": (Image.fromarray(RAMP.astype(np.float32) / 255), ("tiff", "pfm")),
    "0 to 255": (Image.fromarray(RAMP.astype(np.float32)), ("tiff",)),
    "-1000 to 3000": (Image.fromarray(RAMP.astype(np.float32) * (4000 / 255) - 1000), ("tiff", "pfm")),
}
IN_COLOUR = {
    "RGB": (Image.fromarray(COLOURS), (*LOSSLESS, "bmp", "ppm", "tga", "pcx", "PPM")),
    "RGBA": (Image.fromarray(COLOURS).convert("RGBA"), (*LOSSLESS, "tga")),
    "P": (Image.fromarray(COLOURS).quantize(256), (*LOSSLESS, "gif", "bmp", "pcx")),
    "CMYK": (Image.fromarray(COLOURS).convert("CMYK"), ("tiff",)),
}


def read(folder: Path, **wanted: Any) -> DataSet:
    return read_folder(folder, DataConfig(**wanted), 0, lambda text, fraction: None)


def read_back(folder: Path, image: Image.Image, ending: str, **wanted: Any) -> NDArray[np.uint8]:
    """Return the shade of the first image of a folder of two classes with one such file each."""
    for name in ("first", "second"):
        (folder / name).mkdir()
        image.save(folder / name / f"image.{ending}")
    return read(folder, **wanted).train.images[0]


def cases(kinds: Mapping[str, tuple[Image.Image, Sequence[str]]]) -> list[ParameterSet]:
    return [pytest.param(image, end, id=f"{name} {end}") for name, (image, ends) in kinds.items() for end in ends]


@pytest.mark.parametrize(("image", "ending"), cases(GRAYS))
def test_gray_images_come_out_as_the_grays_that_they_show(image, ending, tmp_path):
    shown = read_back(tmp_path, image, ending)
    assert shown.shape == (16, 16, 1)
    assert np.abs(shown[..., 0].astype(int) - RAMP).max() <= 1


@pytest.mark.parametrize(("image", "ending"), cases(IN_COLOUR))
def test_colours_are_unchanged(image, ending, tmp_path):
    shown = read_back(tmp_path, image, ending)
    assert np.abs(shown.astype(int) - np.asarray(image.convert("RGB"))).max() <= 1


@pytest.mark.parametrize("ending", ["png", "pbm", "tiff", "bmp"])
def test_bits_are_black_and_white(ending, tmp_path):
    bits = RAMP > 100
    shown = read_back(tmp_path, Image.fromarray(bits), ending)
    assert (shown[..., 0] == 255 * bits).all()


def transparent(mode: str) -> Image.Image:
    """Return a black square on a transparent ground."""
    alpha = Image.fromarray(np.where(np.indices((16, 16)).max(0) < 8, 255, 0).astype(np.uint8))
    rgba = Image.merge("RGBA", [*[Image.new("L", (16, 16), 0)] * 3, alpha])
    return rgba if mode == "RGBA" else rgba.convert(mode)


def key_colour(mode: str) -> Image.Image:
    """Return the black square on a ground of a value that counts as transparent."""
    ground = np.where(np.indices((16, 16)).max(0) < 8, 0, 77)
    image = Image.fromarray(ground.astype({"I;16": np.uint16}.get(mode, np.uint8)))
    image = image.convert(mode) if mode in ("RGB", "P") else image
    image.info["transparency"] = (77, 77, 77) if mode == "RGB" else 77
    return image


@pytest.mark.parametrize("image", [*map(transparent, ("RGBA", "LA")), *map(key_colour, ("L", "P", "RGB", "I;16"))])
@pytest.mark.parametrize(("background", "shade"), [("white", 255), ("black", 0), ("gray", 128)])
def test_shapes_on_a_transparent_ground_lie_over_the_background(image, background, shade, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / "x.png", transparency=image.info.get("transparency"))
    shown = read(tmp_path, background=background).train.images[0]
    assert (shown[:8, :8] == 0).all()
    assert (shown[8:] == shade).all() and (shown[:, 8:] == shade).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(-1e6, 1e6), span=st.floats(1e3, 1e6), depth=st.sampled_from(["float", "integer"]))
def test_all_images_are_scaled_by_one_span(tmp_path_factory, low, span, depth):
    folder = tmp_path_factory.mktemp("deep")
    shades = {"dark": np.linspace(0, 0.25, 16), "bright": np.linspace(0.5, 1, 16)}
    kind = np.float32 if depth == "float" else np.uint16
    low, span = (low, span) if depth == "float" else (abs(low) % 1000, 300 + span % 64_000)
    stored = {name: (low + span * share).astype(kind).reshape(4, 4) for name, share in shades.items()}
    for name, values in stored.items():
        (folder / name).mkdir()
        for i in range(3):
            Image.fromarray(values).save(folder / name / f"{i}.tiff")
    data = read(folder)
    least, most = float(stored["dark"].min()), float(stored["bright"].max())
    for images in (data.train, data.test):
        for image, label in zip(images.images, images.labels, strict=True):
            values = stored[data.class_names[label]].astype(float)
            assert np.abs(image[..., 0] - 255 * (values - least) / (most - least)).max() <= 1


def test_values_that_are_no_numbers_are_black_and_leave_the_others_alone(tmp_path):
    values = RAMP.astype(np.float32)
    values[0, 0], values[0, 1] = np.nan, np.inf
    shown = read_back(tmp_path, Image.fromarray(values), "tiff")[..., 0]
    assert shown[0, 0] == 0 and shown[0, 1] == 255
    assert np.abs(shown[1:].astype(int) - RAMP[1:]).max() <= 2


def test_one_image_in_colour_makes_the_set_colour_wherever_it_lies(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(60):
            Image.fromarray(RAMP).save(tmp_path / name / f"{i:02}.png")
    assert read(tmp_path).train.images.shape[-1] == 1
    Image.fromarray(COLOURS).save(tmp_path / "b" / "37.png")
    assert read(tmp_path).train.images.shape[-1] == 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "tiff", "webp"])
def test_images_stand_upright(orientation, ending, tmp_path):
    upright = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = Image.fromarray(upright).convert("RGB")
    stored = image if undo[orientation] is None else image.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        stored.save(tmp_path / name / f"x.{ending}", exif=exif, **({"lossless": True} if ending == "webp" else {}))
        image.save(tmp_path / name / "y.png")
    for image in read(tmp_path).train.images:
        assert (image[..., 0] == upright).all()


@pytest.mark.parametrize(("ending", "mode"), [("jpg", "RGB"), ("jpg", "L"), ("bmp", "RGB"), ("tiff", "L")])
def test_a_photo_with_a_sufficient_header_is_not_decoded(ending, mode, tmp_path, monkeypatch):
    path = tmp_path / f"x.{ending}"
    Image.new(mode, (40, 30)).save(path)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("the image was decoded"))
    look = read_header(path)
    assert (look.width, look.height, look.colour) == (40, 30, mode == "RGB")


def test_the_first_of_several_images_in_a_file_is_used_with_a_warning(tmp_path):
    frames = [Image.fromarray(RAMP), *[Image.new("L", (16, 16), shade) for shade in (0, 255)]]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for ending in ("gif", "tiff", "png", "webp"):
            more = {"lossless": True} if ending == "webp" else {}
            frames[0].save(tmp_path / name / f"x.{ending}", save_all=True, append_images=frames[1:], **more)
    data = read(tmp_path)
    assert all(np.abs(image[..., 0].astype(int) - RAMP).max() <= 1 for image in data.train.images)
    assert data.reading.warnings == ("8 files with several images: only the first is used",)


def encoded(ending: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(COLOURS).resize((64, 64)).save(stream, {"jpg": "jpeg"}.get(ending, ending))
    return stream.getvalue()


@pytest.mark.parametrize("ending", ["png", "jpg", "tiff", "bmp", "gif", "webp"])
@pytest.mark.parametrize("damage", ["empty", "text", "half"])
def test_broken_images_are_counted_and_the_first_is_named(ending, damage, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"good.{ending}").write_bytes(encoded(ending))
    content = {"empty": b"", "text": b"not an image", "half": encoded(ending)[: len(encoded(ending)) // 2]}[damage]
    (tmp_path / "a" / f"bad.{ending}").write_bytes(content)
    with pytest.raises(InputError, match=rf"^Cannot read the image .*bad\.{ending}: [^\n]*\. Repair it") as error:
        read(tmp_path)
    assert "\n" not in str(error.value)
    (tmp_path / "b" / f"bad.{ending}").write_bytes(b"")
    with pytest.raises(InputError, match=rf"^Cannot read 2 of 4 images; the first is .*a/bad\.{ending}: "):
        read(tmp_path)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ending=st.sampled_from(["png", "jpg", "tiff", "bmp", "gif", "webp"]),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20),
    length=st.integers(1, 10_000),
)
def test_damaged_files_are_read_or_refused_in_one_sentence(tmp_path_factory, ending, changes, length):
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(encoded(ending))
    for place, value in changes:
        content[place % len(content)] = value
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / f"good.{ending}").write_bytes(encoded(ending))
    (folder / "a" / f"bad.{ending}").write_bytes(content[:length])
    try:
        assert read(folder, size=16).train.images.shape[1:] == (16, 16, 3)
    except InputError as error:
        assert "bad." in str(error) and "\n" not in str(error)


def test_an_image_of_too_many_pixels_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("L", (14, 14)).save(tmp_path / name / "large.png")
    assert read(tmp_path).train.images.shape[1:] == (14, 14, 1)
    Image.new("L", (15, 15)).save(tmp_path / "b" / "larger.png")
    with pytest.raises(InputError, match=r"larger\.png: it has more than 200 pixels"):
        read(tmp_path, size=8)
