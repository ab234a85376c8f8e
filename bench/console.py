"""What a look at the console costs: requests of gateway and functions, times list prices."""

from __future__ import annotations

from bench import packages, prices
from tests.worlds.template import resources

API_CALLS = 4
"""Of a screen as it opens: what it shows, and who looks."""
_SECONDS = 0.01
"""Of one request as it is billed, whichever function answers it."""

_WEB = packages.ROOT / "functions" / "console" / "hookline_console" / "web"


def files() -> int:
    """Requests of a first look, at most: the page and every file that it may load and keeps."""
    return sum(path.is_file() for path in _WEB.rglob("*"))


def dollars(requests: int) -> float:
    """Of so many requests."""
    functions = resources("AWS::Serverless::Function")
    gigabytes = int(functions["ApiFunction"]["MemorySize"]) / 1024
    lambdas = prices.LAMBDA_REQUEST + _SECONDS * gigabytes * prices.LAMBDA_GB_SECOND
    return requests * (prices.HTTP_API_REQUEST + lambdas)


def first_look() -> float:
    """Dollars of a thousand."""
    return 1_000 * dollars(files() + API_CALLS)


def later_look() -> float:
    """Dollars of a thousand: the page is asked for, its files are not."""
    return 1_000 * dollars(1 + API_CALLS)
