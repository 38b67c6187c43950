"""A figure as a file for a paper: SVG, PNG or PDF of the same drawing.

Belongs here: formats. Does not belong here: drawing, which every figure does the same whatever it
is saved as.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from analyses.figures import style

FORMATS: Final = ("svg", "png", "pdf")
PRINT_DPI = 300


def export(draw: Callable[[], Any], kind: str, *, dpi: int = PRINT_DPI) -> bytes:
    """What `draw` draws (any figure function of this package), as the bytes of a file.

    SVG keeps texts as texts; PNG is on white; PDF embeds its fonts and carries no date. The same
    figure gives the same bytes.
    """
    if kind not in FORMATS:
        raise ValueError(f"a figure is saved as {', '.join(FORMATS)}, not {kind}")
    saved: list[bytes] = []

    def keep(figure: Any) -> None:
        buffer = io.BytesIO()
        if kind == "png":
            buffer.write(style.to_png(figure, dpi))
        else:
            figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": None})
        saved.append(buffer.getvalue())

    if kind == "svg":
        drawn = draw()
        text = drawn if isinstance(drawn, str) else drawn.svg
        return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()
    with style.also(keep):
        draw()
    return saved[-1]
