"""PNG from SVG, by resvg, with the font that text was measured with and no other."""

from __future__ import annotations

from .measure import font_file


def to_png(svg: str, scale: float = 2.0) -> bytes:
    """Draw SVG text as a PNG, ``scale`` pixels to a px."""
    from resvg_py import svg_to_bytes

    return svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        skip_system_fonts=True,
        font_files=[font_file()],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
