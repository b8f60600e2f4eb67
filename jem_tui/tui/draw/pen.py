"""The pen of the draw screen: its place, thickness and colour."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, PenPoint

SIZE = 28
"""Side of the image in pixels for which `RADII` hold; they grow with larger images."""
MOST_MOVES = 64
"""Moves of the cursor that cross an image."""
RADII = (0.4, 0.8, 1.2, 1.7, 2.3, 3.2, 4.5)
USUAL = RADII.index(1.2)
"""The thickness of strokes in MNIST, about three pixels."""
GRAYS = {"full": 1.0, "two thirds": 2 / 3, "one third": 1 / 3}
"""Shades of a gray image as shares of the way from the paper to the ink."""
COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "red": (200, 40, 40),
    "orange": (230, 130, 30),
    "yellow": (235, 210, 60),
    "green": (50, 150, 60),
    "sky": (120, 180, 235),
    "blue": (40, 70, 190),
    "brown": (120, 80, 50),
}
"""Colours of a colour image."""


@dataclass
class Pen:
    """The pen, which the arrow keys move and which the mouse draws with."""

    cursor: PenPoint | None = None
    """The place that the arrow keys move; None until an arrow key is pressed."""
    erasing: bool = False
    _thickness: int = USUAL
    _brush: int = 0

    @property
    def stamp(self) -> object:
        """A value that differs when the words for the pen differ."""
        return (self.erasing, self._thickness, self._brush)

    def radius(self, canvas: DrawingCanvas) -> float:
        """Return half of the thickness in pixels."""
        return RADII[self._thickness] * max(1.0, min(canvas.shape[:2]) / SIZE)

    def ink(self, canvas: DrawingCanvas, *, erase: bool = False) -> tuple[int, ...]:
        """Return the colour of the pen in the channels of the drawing; with `erase`, that of the eraser."""
        channels = canvas.shape[2]
        if self.erasing or erase:
            return (canvas.paper,) * channels
        if channels == 3:
            return COLOURS[self._shade(canvas)]
        ink = 255 if canvas.paper < 128 else 0
        return (round(canvas.paper + GRAYS[self._shade(canvas)] * (ink - canvas.paper)),)

    def change_thickness(self, by: int) -> None:
        """Choose a thicker pen, or a thinner one if `by` is negative."""
        self._thickness = max(0, min(len(RADII) - 1, self._thickness + by))

    def next_brush(self) -> None:
        """Choose the next shade or colour, and take the pen instead of the eraser."""
        self._brush += 0 if self.erasing else 1
        self.erasing = False

    def move(self, canvas: DrawingCanvas, right: int, down: int) -> None:
        """Move the cursor by a pixel, or by several of a large image; a lowered pen draws."""
        height, width, _ = canvas.shape
        at, by = self.cursor or middle(canvas), max(1, min(height, width) // MOST_MOVES)
        x, y = min(max(at.x + by * right, 0.5), width - 0.5), min(max(at.y + by * down, 0.5), height - 0.5)
        self.cursor = PenPoint(x, y)
        canvas.move(self.cursor, self.radius(canvas), self.ink(canvas))

    def lower_or_raise(self, canvas: DrawingCanvas) -> None:
        """Begin a stroke at the cursor, or end the stroke."""
        if canvas.pressed:
            canvas.release()
            return
        self.cursor = self.cursor or middle(canvas)
        canvas.press(self.cursor, self.radius(canvas), self.ink(canvas))

    def described(self, canvas: DrawingCanvas) -> str:
        """Return tool, thickness and shade in a few words."""
        tool = "eraser" if self.erasing else "pen"
        shade = self._shade(canvas)
        named = "" if self.erasing or shade == "full" else f" {shade}"
        down = ", down" if canvas.pressed else ""
        return f"{tool}{named} {2 * self.radius(canvas):.2g} px{down}"

    def _shade(self, canvas: DrawingCanvas) -> str:
        """Return the name of the chosen shade or colour; the first colour differs from the paper."""
        names = list(GRAYS if canvas.shape[2] == 1 else COLOURS)
        start = names.index("black") if canvas.shape[2] == 3 and canvas.paper >= 128 else 0
        return names[(self._brush + start) % len(names)]


def middle(canvas: DrawingCanvas) -> PenPoint:
    """Return the centre of the pixel in the middle of a drawing."""
    height, width, _ = canvas.shape
    return PenPoint(width // 2 + 0.5, height // 2 + 0.5)
