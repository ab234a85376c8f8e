"""What DynamoDB charges for items: bytes of names and values, in units of 1 KB and 4 KB.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import base64
import math
from typing import Any

type Wire = dict[str, Any]


def item_bytes(item: Wire) -> int:
    """Of an item in the client's form, every value under the letter of its type."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(size: int) -> int:
    """On demand, an item's write of up to 1 KB is one unit."""
    return max(1, math.ceil(size / 1024))


def read_units(size: int, *, consistent: bool) -> float:
    """A consistent read of up to 4 KB is one unit, an eventually consistent one a half."""
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)


def _value_bytes(value: Wire) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(base64.b64decode(content))
        case "N":
            # About one byte for two digits, and one more.
            return math.ceil(len(content.lstrip("-").replace(".", "").lstrip("0")) / 2) + 1
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in content)
        case "M":
            return 3 + sum(1 + len(n.encode()) + _value_bytes(v) for n, v in content.items())
        case _:
            return 1
