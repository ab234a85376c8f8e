"""Draws docs/cost.svg: dollars of a month by its deliveries, out of the figures of `bench.months`.

``python -m bench.plot``. One file for light and dark: whoever shows it has its colours chosen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import months
from bench.cost import Stack, stacks

TARGET = Path(__file__).parents[1] / "docs" / "cost.svg"
_WIDTH, _HEIGHT = 430, 330
_LEFT, _TOP, _BOTTOM = 70, 34, 44
_X, _Y = (0, 3), (0, 5)
"""Powers of ten: a million to a thousand million deliveries, a dollar to a hundred thousand."""
_LIGHT = ("#0b57d0", "#0f9d58", "#b35900", "#c5221f", "#8430ce", "#5f6368")
_DARK = ("#8ab4f8", "#81c995", "#fcad70", "#f28b82", "#d7aefb", "#bdc1c6")
_DASHES = ("", "6 3", "2 3", "9 3 2 3", "12 4", "1 4")
"""Colours are not all that tells the lines apart."""
_ROW = 20
_TITLE = (
    "Dollars a month by millions of deliveries, both on scales of powers of ten;"
    " docs/cost.md has the figures as tables"
)


def drawn(one: Stack, ten: Stack) -> str:
    """The whole picture."""
    names = list(months.ways(one, 1))
    width = 2 * (_LEFT + _WIDTH) + 46
    height = _TOP + _HEIGHT + _BOTTOM + _ROW * math.ceil(len(names) / 3)
    body = [
        *_panel(one, 1, 0, "Each event to one endpoint"),
        *_panel(ten, 10, _LEFT + _WIDTH + 12, "Each event to ten endpoints"),
        *_legend(names, _TOP + _HEIGHT + _BOTTOM),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{_TITLE}</title>",
            f"<style>{_style()}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *body,
            "</svg>\n",
        ]
    )


def _style() -> str:
    def colours(of: Sequence[str], paper: str, ink: str, grid: str) -> str:
        lines = "".join(
            f".c{number}{{stroke:{each}}}.t{number}{{fill:{each}}}"
            for number, each in enumerate(of)
        )
        return f".paper{{fill:{paper}}}text{{fill:{ink}}}.grid{{stroke:{grid}}}{lines}"

    return (
        "text{font:12px system-ui,sans-serif}.head{font-weight:600;font-size:14px}"
        ".line{fill:none;stroke-width:2.2}.grid{stroke-width:1}"
        + colours(_LIGHT, "#ffffff", "#202124", "#dadce0")
        + "@media (prefers-color-scheme:dark){"
        + colours(_DARK, "#0d1117", "#e8eaed", "#3c4043")
        + "}"
    )


def _panel(stack: Stack, webhooks: int, left: float, title: str) -> Iterator[str]:
    yield f'<text class="head" x="{left + _LEFT}" y="20">{title}</text>'
    for power in range(_X[0], _X[1] + 1):
        x = left + _x(power)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{_TOP + _HEIGHT}"/>'
        label = f"{10**power:,} M"
        yield f'<text text-anchor="middle" x="{x:.1f}" y="{_TOP + _HEIGHT + 18}">{label}</text>'
    for power in range(_Y[0], _Y[1] + 1):
        y = _y(power)
        yield f'<path class="grid" d="M{left + _LEFT} {y:.1f}h{_WIDTH}"/>'
        yield (
            f'<text text-anchor="end" x="{left + _LEFT - 6}" y="{y + 4:.1f}">${10**power:,}</text>'
        )
    for number, month in enumerate(months.ways(stack, webhooks).values()):
        points = [(power / 20, month(10 ** (power / 20))) for power in range(20 * _X[1] + 1)]
        path = " ".join(f"{left + _x(x):.1f},{_y(math.log10(d)):.1f}" for x, d in points if d >= 1)
        dash = f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""
        yield f'<polyline class="line c{number}"{dash} points="{path}"/>'


def _legend(names: Sequence[str], top: float) -> Iterator[str]:
    for number, name in enumerate(names):
        x, y = _LEFT + number % 3 * 300, top + number // 3 * _ROW
        dash = f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""
        yield f'<path class="line c{number}"{dash} d="M{x} {y - 4}h34"/>'
        yield f'<text x="{x + 42}" y="{y}">{name}</text>'


def _x(power: float) -> float:
    return _LEFT + (power - _X[0]) / (_X[1] - _X[0]) * _WIDTH


def _y(power: float) -> float:
    return _TOP + _HEIGHT - (power - _Y[0]) / (_Y[1] - _Y[0]) * _HEIGHT


if __name__ == "__main__":
    TARGET.write_text(drawn(*stacks()))
