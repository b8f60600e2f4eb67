"""Images of letters in the style of the data, which a digit classifier could mistake for digits, and of digits in the same font.

Characters are drawn with Pillow's built-in scalable font, slightly rotated, scaled, shifted, thickened and blurred. Letters that
look like a digit are excluded: O o Q D (0), I i J j l (1), Z z (2), S s (5), b G (6), B (8), g q (9).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor

ALPHABET = "ACEFHKLMNPRTUVWXYacdefhkmnprtuvwxy"
"""Every letter that does not look like a digit."""
FINE = 4
"""Factor of supersampling, which gives smooth edges."""
FILL = 20 / 28
"""Longer side of a letter as a fraction of the image, equal to that of MNIST's digits."""
SPREAD = 12.0
"""Largest rotation in degrees, in both directions."""


def draw_letters(pixels: Tensor, labels: Tensor, generator: torch.Generator, alphabet: str = ALPHABET) -> Tensor:
    """Draw one character of `alphabet` for each image (n, channels, height, width), uint8, in the size of the image.

    For gray data, the background is black or white like the border of most images; in colour, ink and background are random colours.
    """
    n, _, height, width = pixels.shape
    which = torch.randint(len(alphabet), (n,), generator=generator).tolist()
    chances = torch.rand(n, 5, generator=generator).tolist()
    ink = np.stack([draw(alphabet[w], (height, width), c) for w, c in zip(which, chances, strict=True)])
    cover = torch.from_numpy(ink)[:, None].float() / 255
    ground, colour = two_colours(pixels, generator)
    return (ground + (colour - ground) * cover).round().to(torch.uint8)


def draw(letter: str, shape: tuple[int, int], chances: list[float]) -> NDArray[np.uint8]:
    """Return the coverage of each pixel by the letter, 0…255, shape (height, width); `chances` are five numbers in [0, 1]."""
    height, width = shape
    angle, scale, right, down, weight = chances
    side = min(height, width)
    ink = glyph(letter, round(4 * weight)).rotate((2 * angle - 1) * SPREAD, Image.Resampling.BICUBIC, expand=True)
    ink = ink.crop(ink.getbbox())
    factor = FINE * side * FILL * (0.85 + 0.25 * scale) / max(ink.size)
    ink = ink.resize((max(1, round(ink.width * factor)), max(1, round(ink.height * factor))), Image.Resampling.BICUBIC)
    sheet = Image.new("L", (FINE * width, FINE * height))
    slack = FINE * side / 14
    left = (sheet.width - ink.width) / 2 + (2 * right - 1) * slack
    top = (sheet.height - ink.height) / 2 + (2 * down - 1) * slack
    sheet.paste(ink, (round(left), round(top)))
    sheet = sheet.filter(ImageFilter.GaussianBlur(FINE * side / 56))
    return np.asarray(sheet.resize((width, height), Image.Resampling.BOX))


@cache
def glyph(letter: str, weight: int) -> Image.Image:
    """Return a letter 80 pixels high in white on black, `weight` pixels bolder on all sides. The image is shared and must not be changed."""
    font = ImageFont.load_default(80)
    left, top, right, bottom = font.getbbox(letter, stroke_width=weight)
    image = Image.new("L", (round(right - left) + 2, round(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), letter, fill=255, font=font, stroke_width=weight)
    return image


def two_colours(pixels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return background and ink (n, channels, 1, 1) as floats 0…255: for gray images the brightness of the border, and its opposite."""
    n, channels = pixels.shape[:2]
    if channels > 1:
        ground, ink = torch.randint(0, 256, (2, n, channels, 1, 1), generator=generator).float()
        return ground, ink
    edge = torch.cat([pixels[..., 0, :], pixels[..., -1, :], pixels[..., :, 0], pixels[..., :, -1]], dim=-1)
    dark = torch.full((n, 1, 1, 1), 255.0 * float(edge.float().median() > 127))
    return dark, 255 - dark
