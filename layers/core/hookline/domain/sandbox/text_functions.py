"""Text functions that JMESPath lacks; each pays for what it reads and makes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import parse_qsl

from jmespath import functions

from hookline.domain.documents import strict_json

_MAX_FIELDS = 1_000
_TEXT: Any = {"types": ["string"]}


def form_fields(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Values by their names; a list where a name is repeated."""
    fields: dict[str, object] = {}
    for name, value in pairs:
        before = fields.get(name)
        if before is None:
            fields[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            fields[name] = [before, value]
    return fields


class Pays(Protocol):
    """`hookline.domain.sandbox.metered_jmespath.Meter`."""

    def pay_for_text(self, characters: int) -> None:
        """Raises once the steps are used up."""
        ...


class TextFunctions(functions.Functions):
    """`split replace lower upper trim substr from_json parse_query base64_decode`, and digests.

    What cannot be read comes to null, as in `to_number`. Arguments are paid for by the caller.
    """

    _meter: Pays

    @functions.signature(_TEXT, _TEXT)
    def _func_split(self, subject: str, separator: str) -> list[str]:
        """The parts between separators; single characters if the separator is empty."""
        self._meter.pay_for_text(16 * (subject.count(separator) if separator else len(subject)))
        return subject.split(separator) if separator else list(subject)

    @functions.signature(_TEXT, _TEXT, _TEXT)
    def _func_replace(self, subject: str, old: str, new: str) -> str:
        """Every ``old`` as ``new``."""
        self._meter.pay_for_text(len(subject) + subject.count(old) * len(new))
        return subject.replace(old, new)

    @functions.signature(_TEXT)
    def _func_lower(self, subject: str) -> str:
        return subject.lower()

    @functions.signature(_TEXT)
    def _func_upper(self, subject: str) -> str:
        return subject.upper()

    @functions.signature(_TEXT)
    def _func_trim(self, subject: str) -> str:
        return subject.strip()

    @functions.signature(_TEXT, {"types": ["number"], "variadic": True})
    def _func_substr(self, subject: str, start: Any, *lengths: Any) -> str:
        """From ``start``, counted from 0 or from the end, so many characters or to the end."""
        if len(lengths) > 1:
            raise ValueError("substr() takes a text, a start, and a length if any")
        rest = subject[int(start) :]
        return rest[: max(0, int(lengths[0]))] if lengths else rest

    @functions.signature(_TEXT)
    def _func_from_json(self, subject: str) -> Any:
        try:
            return strict_json.loads(subject)
        except strict_json.InvalidJson:
            return None

    @functions.signature(_TEXT)
    def _func_base64_decode(self, subject: str) -> str | None:
        """Of either alphabet; what is no UTF-8 in it reads as U+FFFD."""
        plain = subject.strip().replace("-", "+").replace("_", "/").rstrip("=")
        try:
            decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            return None
        return decoded.decode("utf-8", "replace")

    @functions.signature(_TEXT)
    def _func_parse_query(self, subject: str) -> dict[str, Any] | None:
        """A query string's or form's fields: a text each, a list where one is repeated."""
        try:
            pairs = parse_qsl(
                subject.removeprefix("?"), keep_blank_values=True, max_num_fields=_MAX_FIELDS
            )
        except ValueError:
            return None
        return form_fields(pairs)

    @functions.signature(_TEXT)
    def _func_sha256(self, subject: str) -> str:
        return hashlib.sha256(subject.encode()).hexdigest()

    @functions.signature(_TEXT, _TEXT)
    def _func_hmac_sha256(self, subject: str, key: str) -> str:
        return hmac.digest(key.encode(), subject.encode(), "sha256").hex()

    @functions.signature(_TEXT, _TEXT)
    def _func_hmac_sha256_base64(self, subject: str, key: str) -> str:
        return base64.b64encode(hmac.digest(key.encode(), subject.encode(), "sha256")).decode()
