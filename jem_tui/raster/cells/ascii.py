"""ASCII substitutes for glyphs, one column wide each, for terminals and fonts without Unicode."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

from jem_tui.raster.cells.glyphs import BRAILLE_BITS, BRAILLE_BLANK

SHADES = " .:-+*#%@"
"""Characters by the number of lit dots, from none to eight."""

_DRAWN = {
    **dict.fromkeys("─╌┄╴╶▁▔", "-"),
    **dict.fromkeys("━═╸╺", "="),
    **dict.fromkeys("│┃║┊┆╎╵╷╹╻▏▕▎▍", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝┏┓┗┛", "+"),
    **dict.fromkeys("█▓▉▊▋", "#"),
    **dict.fromkeys("▒▌▐▀▄", "="),
    **dict.fromkeys("░", ":"),
    **dict.fromkeys("▂▃", "_"),
    **dict.fromkeys("▅▆▇", "#"),
    **dict.fromkeys("▘▝", "'"),
    **dict.fromkeys("▖▗", "."),
    **dict.fromkeys("▚▞", "%"),
    **dict.fromkeys("▛▜▙▟", "#"),
}
_WRITTEN = {
    **dict.fromkeys("–—−‐", "-"),
    **dict.fromkeys("·•∙⋅◦", "."),
    **dict.fromkeys("●◉■▪◆", "o"),
    **dict.fromkeys("○◌□◇", "o"),
    **dict.fromkeys("…‥", "~"),
    **dict.fromkeys("×✕✗", "x"),
    **dict.fromkeys("→▶►▸❯›⇒", ">"),
    **dict.fromkeys("←◀◂‹❮⇐", "<"),
    **dict.fromkeys("↑▲▴⇧", "^"),
    **dict.fromkeys("↓▼▾⇩", "v"),
    **dict.fromkeys("‖⏸", '"'),
    **dict.fromkeys("≤", "<"),
    **dict.fromkeys("≥", ">"),
    **dict.fromkeys("≈∼", "~"),
    **dict.fromkeys("±", "+"),
    **dict.fromkeys("∞", "8"),
    **dict.fromkeys("✓✔", "v"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("αΑ", "a"),
    **dict.fromkeys("σΣ", "s"),
    **dict.fromkeys("εΕ", "e"),
    **dict.fromkeys("∇", "V"),
    **dict.fromkeys("μµ", "u"),
    **dict.fromkeys("∝", "~"),
    "¼": "/",
    "½": "/",
    "\u0302": "",
}


def _braille(dots: int) -> str:
    """Return the substitute of a braille pattern: `'`, `-` or `_` for a row of dots, `|` for a column, a shade for an area."""
    rows = [bool(dots & (left | right)) for left, right in BRAILLE_BITS]
    lit = dots.bit_count()
    if lit >= 5 or lit == 0:
        return SHADES[lit]
    if sum(rows) == 1:
        flat = ("'", "-", "-", "_") if lit == 2 else ("'", "'", ".", ".")
        return flat[rows.index(True)]
    if sum(rows) == 2:
        return "-" if rows[1] and rows[2] else "=" if lit == 4 else ":"
    left = sum(bool(dots & bit) for bit, _ in BRAILLE_BITS)
    return "|" if left in (0, lit) else "/" if _rises(dots) else "\\"


def _rises(dots: int) -> bool:
    """Return whether the dots of the right column are higher than those of the left column."""
    heights = [[row for row, bits in enumerate(BRAILLE_BITS) if dots & bits[side]] for side in (0, 1)]
    left, right = (sum(rows) / len(rows) for rows in heights)
    return right < left


SUBSTITUTES: dict[int, str] = {
    **{BRAILLE_BLANK + dots: _braille(dots) for dots in range(256)},
    **{ord(glyph): substitute for glyph, substitute in (_DRAWN | _WRITTEN).items()},
}


class _SubstituteTable(dict[int, str]):
    """Table that computes missing substitutes once: the letter without its accent, or a question mark for each column."""

    def __missing__(self, code_point: int) -> str:
        character = chr(code_point)
        found = character if character.isascii() else _without_accent(character)
        self[code_point] = found
        return found


def _without_accent(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii():
        return base
    if unicodedata.combining(character):
        return ""
    return "?" * (2 if unicodedata.east_asian_width(character) in "WF" else 1)


_TABLE = _SubstituteTable(SUBSTITUTES)


def in_ascii(text: str) -> str:
    """Return `text` with a substitute for every glyph that is not ASCII, in the same number of columns."""
    if text.isascii():
        return text
    found, columns = text.translate(_TABLE), cell_len(text)
    # Sequences that a terminal draws as one glyph, such as flags and families, have fewer columns than their substitutes.
    return found if len(found) == columns else found[:columns].ljust(columns, "?")
