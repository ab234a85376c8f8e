"""Writes the figures into docs/cost.md.

``python -m bench.cost_page`` prints its tables out of `bench/measured.json`, or of the file that is
named; ``write`` puts them there; `python -m bench.plot` draws them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bench import months
from bench.cost import Stack, bill, stacks

PAGE = Path(__file__).parents[1] / "docs" / "cost.md"


def parts(one: Stack, ten: Stack) -> Mapping[str, str]:
    """What of docs/cost.md is made of figures, by the name of its place there."""
    return {
        "bill": bill(one, ten),
        "months": months.table(one, ten),
        "crossings": months.crossings(one, ten),
    }


def page(written: str, one: Stack, ten: Stack) -> str:
    """docs/cost.md with those parts as the figures have them."""
    for name, text in parts(one, ten).items():
        before, begins, rest = written.partition(f"<!-- {name} -->\n")
        _, ends, after = rest.partition("<!-- end -->")
        written = f"{before}{begins}{text}\n{ends}{after}"
    return written


def main() -> None:
    """Prints the tables of docs/cost.md, or puts them there."""
    match sys.argv[1:]:
        case ["write"]:
            PAGE.write_text(page(PAGE.read_text(), *stacks()))
        case paths:
            print("\n\n".join(parts(*stacks(*map(Path, paths))).values()))


if __name__ == "__main__":
    main()
