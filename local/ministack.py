"""MiniStack as it comes, but for bodies that are no text: those reach a function whole.

Its HTTP API hands JSON, XML and text to a function as text, whatever bytes there are. Compressed
ones (`Content-Encoding: gzip`) were read as UTF-8, with every other byte replaced. What is no UTF-8
goes as base64 here, as bodies of all other types do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

from ministack.app import main
from ministack.services import apigateway

_NO_TEXT = ContextVar("no_text", default=False)

type _Invoke = Callable[..., Coroutine[Any, Any, Any]]


def _mend(gateway: Any) -> None:
    """Takes the two functions of the pinned version; a later one without them fails to start."""
    invoke: _Invoke = gateway._invoke_lambda_proxy  # noqa: SLF001 - there is no other way in
    is_text: Callable[[str | None], bool] = gateway._v2_request_body_is_text  # noqa: SLF001 - as above

    async def invoke_with_bytes(*given: Any, **named: Any) -> Any:
        body = named.get("body", given[6] if len(given) > 6 else b"")
        _NO_TEXT.set(not _is_utf8(body or b""))
        return await invoke(*given, **named)

    def is_text_indeed(content_type: str | None) -> bool:
        return is_text(content_type) and not _NO_TEXT.get()

    gateway._invoke_lambda_proxy = invoke_with_bytes  # noqa: SLF001 - as above
    gateway._v2_request_body_is_text = is_text_indeed  # noqa: SLF001 - as above


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


if __name__ == "__main__":
    _mend(apigateway)
    sys.exit(main())
