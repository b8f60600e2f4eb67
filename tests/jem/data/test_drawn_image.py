"""Image files as the input of a model: any picture in the model's shape, and a sentence for everything else."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from jem_tui.errors import InputError
from jem_tui.jem.data.drawn_image import MOST_BYTES, read_for_model

GRAY, COLOUR = (28, 28, 1), (32, 48, 3)


def saved(path: Path, mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Path:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    Image.fromarray(pixels, "RGBA").convert(mode).save(path)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.webp", "a.tiff"])
@pytest.mark.parametrize("shape", [GRAY, COLOUR])
def test_pictures_of_every_format_get_the_shape_of_the_model(tmp_path, name, shape):
    found = read_for_model(saved(tmp_path / name), shape, "white")
    assert found.shape == shape and found.dtype == np.uint8 and found.std() > 0


def test_a_gray_picture_is_cut_and_scaled_as_in_a_folder(tmp_path):
    path = saved(tmp_path / "a.png", "L")
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.fit(image, (28, 28)))
    assert np.array_equal(read_for_model(path, GRAY, "white")[..., 0], expected)


def test_transparency_shows_the_background(tmp_path):
    Image.new("RGBA", (9, 9), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_for_model(tmp_path / "a.png", GRAY, "white") == 255).all()
    assert (read_for_model(tmp_path / "a.png", GRAY, "black") == 0).all()


def test_sixteen_bits_are_scaled(tmp_path):
    Image.fromarray(np.linspace(0, 60_000, 28 * 28).reshape(28, 28).astype(np.uint16)).save(tmp_path / "a.png")
    found = read_for_model(tmp_path / "a.png", GRAY, "white")
    assert (found.min(), found.max()) == (0, 255)


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40), b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match="Cannot read the image"):
        read_for_model(path, GRAY, "white")


def test_missing_files_folders_and_pipes_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe", Path("/dev/zero"), Path("a\0b"), Path("x" * 5000)):
        with pytest.raises(InputError, match="Cannot read the image"):
            read_for_model(path, GRAY, "white")


def test_a_huge_file_and_a_picture_of_many_pixels_are_refused(tmp_path):
    huge = tmp_path / "huge.png"
    saved(huge)
    with huge.open("ab") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="more than 100 MB"):
        read_for_model(huge, GRAY, "white")
    bomb = tmp_path / "bomb.png"
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + checksum + bytes(4) + b"IDAT" + bytes(4))
    with pytest.raises(InputError, match="pixels"):
        read_for_model(bomb, GRAY, "white")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=8), st.sampled_from(["a.png", "a.jpg", "a.gif", "a.tiff"]))
def test_a_damaged_picture_is_read_or_refused(tmp_path, position, damage, name):
    path = tmp_path / name
    content = bytearray(saved(path).read_bytes())
    start = position % len(content)
    content[start : start + len(damage)] = damage
    path.write_bytes(content)
    try:
        assert read_for_model(path, GRAY, "white").shape == GRAY
    except InputError as error:
        assert "Cannot read the image" in error.message
