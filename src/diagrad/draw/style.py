"""How a figure looks, as data: a style is one entry of a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import InputError

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Arrow:
    """Colour, pen width, and the length and half-width of the head."""

    colour: Colour
    width: float
    length: float
    half: float


@dataclass(frozen=True, slots=True)
class Style:
    """Colours, pens and font sizes of a figure. All lengths in px at scale 1.

    ``tints`` are the colours of cells that hold the largest value, the largest gradient and the most
    negative one of either; smaller ones are nearer to the background.
    """

    name: str
    background: Colour
    ink: Colour
    muted: Colour
    forward: Arrow
    backward: Arrow
    backward_ink: Colour
    node_fill: Colour
    input_fill: Colour
    input_line: Colour
    parameter_fill: Colour
    parameter_line: Colour
    constant_fill: Colour
    constant_line: Colour
    loss_fill: Colour
    tints: tuple[Colour, Colour, Colour]
    odd: Colour
    """Marks NaN and infinity in a cell."""
    deep: tuple[Colour, Colour, Colour]
    """As ``tints``, for heat maps, whose cells bear no text."""
    pen: float = 1.5
    title: float = 17.0
    sign: float = 20.0
    word: float = 13.5
    name_size: float = 15.0
    label: float = 11.5
    small: float = 10.0
    rule: float = 11.5

    def cell(self, kind: str, level: float, text: bool = True) -> Colour:
        """The colour of a cell: ``level`` from -1 to 1, centred on zero; NaN for what is no number."""
        if level != level:
            return self.odd
        tints = self.tints if text else self.deep
        positive = tints[1] if kind == "backward" else tints[0]
        return blend(self.background, positive if level >= 0 else tints[2], abs(level))


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """The colour a share of the way from a to b."""
    r, g, b_ = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return r, g, b_


def css(colour: Colour) -> str:
    """A colour as SVG writes it.

    >>> css((255, 0, 16))
    '#ff0010'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(a: Colour, b: Colour) -> float:
    """The contrast ratio of two colours, by WCAG 2.

    >>> round(contrast((0, 0, 0), (255, 255, 255)))
    21
    """
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [c / 255 for c in colour]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


TEXTBOOK = Style(
    name="textbook",
    background=(255, 255, 255),
    ink=(31, 41, 51),
    muted=(84, 96, 107),
    forward=Arrow((70, 82, 92), 1.4, 9.0, 4.5),
    backward=Arrow((180, 55, 31), 3.2, 12.0, 6.0),
    backward_ink=(150, 42, 22),
    node_fill=(255, 255, 255),
    input_fill=(238, 243, 248),
    input_line=(122, 148, 172),
    parameter_fill=(253, 246, 227),
    parameter_line=(176, 140, 60),
    constant_fill=(245, 245, 245),
    constant_line=(160, 164, 168),
    loss_fill=(251, 233, 229),
    tints=((186, 206, 226), (236, 190, 180), (205, 208, 211)),
    deep=((40, 98, 160), (188, 62, 38), (98, 104, 110)),
    odd=(255, 214, 90),
)

DARK = replace(
    TEXTBOOK,
    name="dark",
    background=(22, 27, 34),
    ink=(230, 237, 243),
    muted=(164, 176, 188),
    forward=Arrow((176, 188, 200), 1.4, 9.0, 4.5),
    backward=Arrow((255, 138, 101), 3.2, 12.0, 6.0),
    backward_ink=(255, 171, 145),
    node_fill=(30, 37, 46),
    input_fill=(28, 44, 62),
    input_line=(98, 138, 176),
    parameter_fill=(54, 46, 24),
    parameter_line=(186, 154, 80),
    constant_fill=(36, 40, 46),
    constant_line=(118, 126, 134),
    loss_fill=(70, 36, 28),
    tints=((38, 78, 120), (122, 54, 38), (72, 78, 86)),
    deep=((88, 160, 232), (255, 128, 92), (158, 166, 174)),
    odd=(88, 66, 8),
)

STYLES: dict[str, Style] = {style.name: style for style in (TEXTBOOK, DARK)}
STYLES["light"] = TEXTBOOK


def style_of(name: str | Style) -> Style:
    """The style of this name.

    Raises:
        InputError: there is none.
    """
    if isinstance(name, Style):
        return name
    if name not in STYLES:
        raise InputError(
            f"there is no style {name!r}", expected=", ".join(STYLES), got=repr(name), fix="name one of these"
        )
    return STYLES[name]
