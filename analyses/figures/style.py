"""The look of every figure: palette, line styles, sizes, and writing SVG or PNG byte for byte.

Belongs here: what all figures share. Does not: anything that knows a curve or a table.

Colours are those of Okabe and Ito (2008, "Color universal design"), in an order that keeps the
first pairs apart in every common colour vision deficiency and in grey; each colour comes with its
own dash pattern, so that a black-and-white print can still be read.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
DASHES: Final[tuple[Any, ...]] = (
    "solid",
    (0, (6, 1.8)),
    (0, (6, 1.6, 1.2, 1.6)),
    (0, (1.3, 1.3)),
    (0, (9, 1.6, 1.2, 1.4, 1.2, 1.6)),
    (0, (3, 1.2)),
)
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")

INK: Final = "#1c1f23"
MUTED: Final = "#5b6169"
GRID: Final = "#e2e5e9"
PAPER: Final = "#ffffff"

# Texts stay texts in the SVG (searchable, small) and take the reader's own sans-serif. Positions
# are measured with DejaVu Sans, which matplotlib brings along and which is wider than those.
FONT_STACK: Final = "'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
INCH: Final = 72.0

#: What else is done with a figure when it is made into SVG.
_ALSO: ContextVar[Callable[[Figure], None] | None] = ContextVar("also", default=None)

RC: Final[Any] = {
    "pdf.fonttype": 42,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "atmp-rwe",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,  # a stratum may be called "$a_b$"
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.labelsize": 9.0,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "path.simplify": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}


def colour(index: int) -> str:
    """The colour of the stratum at this place."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> Any:
    """The dash pattern of the stratum at this place."""
    return DASHES[index % len(DASHES)]


def marker(index: int) -> str:
    """The marker of the stratum at this place."""
    return MARKERS[index % len(MARKERS)]


def plain(text: object, limit: int = 80) -> str:
    """A text fit for an XML document: no control characters, one line, at most `limit` characters.

    Codes and titles come from deliveries and study files, so they may hold anything.
    """
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in str(text))
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "\u2026"


def width_of(text: str, size: float) -> float:
    """Inches that a text of `size` points takes in DejaVu Sans."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(family="DejaVu Sans")
    extent = TextPath((0, 0), text, size=size, prop=font).get_extents()
    return float(extent.x1) / INCH


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """The settings of all figures, for as long as one is made and saved."""
    from matplotlib import rc_context

    with rc_context(RC):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches; to be made and saved inside `drawing()`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as MatplotlibFigure

    figure = MatplotlibFigure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes placed in inches from the upper left corner of the figure."""
    total_width, total_height = figure.get_size_inches()
    return figure.add_axes(
        (
            left / total_width,
            1 - (top + height) / total_height,
            width / total_width,
            height / total_height,
        )
    )


def tidy(axes: Axes) -> None:
    """Left and lower axis only, a quiet horizontal grid behind the data."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.yaxis.grid(visible=True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=3.5, pad=3.5)


@contextlib.contextmanager
def also(keep: Callable[[Figure], None]) -> Iterator[None]:
    """Within it, every figure that is made into SVG is given to `keep` too."""
    token = _ALSO.set(keep)
    try:
        yield
    finally:
        _ALSO.reset(token)


def to_svg(figure: Figure) -> str:
    """The figure as an SVG document: the same bytes for the same drawing, no date, no metadata."""
    keep = _ALSO.get()
    if keep is not None:
        keep(figure)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*font-family: [^;\"]*;?", "", text)
    text = text.replace("<svg ", f'<svg font-family="{FONT_STACK}" ', 1)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # nothing refers to a group
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r'(?<= d=")[^"]+', _rounded, text)
    text = re.sub(r"\s*\n\s*", "\n", text)
    return text.strip() + "\n"


def to_png(figure: Figure, dpi: int) -> bytes:
    """The figure as PNG bytes without software or date metadata, on white."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, facecolor=PAPER, metadata={"Software": None})
    return buffer.getvalue()


def _rounded(match: re.Match[str]) -> str:
    """Path data to a hundredth of a point: a third of the bytes, no visible difference."""
    return re.sub(r"(\.\d\d)\d+", r"\1", " ".join(match.group(0).split()))
