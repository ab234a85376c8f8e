"""The characters that XML 1.0 cannot express, not even as entities.

SQS refuses the same ones in a message:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

from __future__ import annotations

import re

# Those missing from https://www.w3.org/TR/xml/#NT-Char. A pattern of all other characters would
# reach up to U+10FFFF and take ten times as long to compile: at every cold start, for a text that
# hardly ever holds any.
_UNSAYABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def sayable(text: str, instead: str) -> str:
    """The text with ``instead`` for each character that XML 1.0 does not have."""
    return _UNSAYABLE.sub(instead, text)
