"""What the log keeps of an attempt: cut to size, and without secrets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hookline.domain.delivery.call import Answered, Call
from hookline.domain.delivery.delivery import DefaultBody, Delivery, RequestRecord, ResponseRecord
from hookline.domain.event.event import Event
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import JSON
from hookline.domain.request.rendering import Rendered, WebhookView, render_body
from hookline.domain.request.scrubbing import as_shown, basic_credentials, scrub
from hookline.domain.webhook.signing import PRIVATE_PREFIX, SECRET_PREFIX
from hookline.domain.webhook.webhook import BasicAuth, Webhook, WebhookSecrets

MAX_REQUEST_BODY = 64 * 1024
MAX_RESPONSE_BODY = 16 * 1024
"""Bytes of UTF-8 that the log keeps of a body (product rule); both bodies fit a 400 KB item."""

MAX_ERROR_MESSAGE = 300

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def request_record(
    call: Call, secret_headers: Iterable[str], default_body: DefaultBody | None = None
) -> RequestRecord:
    """The request as it was sent, with the values of ``secret_headers`` masked.

    A ``default_body`` is left out, see `with_default_body`.
    """
    secret = {name.lower() for name in secret_headers}
    headers = tuple(
        (name, MASK if name.lower() in secret else value) for name, value in call.as_sent().items()
    )
    if call.body is None:
        return RequestRecord(call.method, str(call.url), headers, None, body_truncated=False)
    if default_body is not None:
        cut = len(call.body) > MAX_REQUEST_BODY
        return RequestRecord(call.method, str(call.url), headers, None, cut, default_body)
    body, cut = text_of(call.body, MAX_REQUEST_BODY)
    return RequestRecord(call.method, str(call.url), headers, body, body_truncated=cut)


def default_body_of(event: Event, webhook: Webhook, rendered: Rendered) -> DefaultBody | None:
    """How to render the body again; None if the event alone is not enough.

    A template may change and may use what only the webhook knew; a form is rarely enough.
    """
    plain = webhook.format == "hookline" and not webhook.body_template and event.pristine is None
    if not plain or rendered.body is None or rendered.content_type != JSON:
        return None
    digest = hashlib.sha256(rendered.body).hexdigest()
    return DefaultBody(digest, include_entity=webhook.include_entity)


def with_default_body(record: RequestRecord, event: Event | None, of: Delivery) -> RequestRecord:
    """The attempt's record with the body that was left out.

    Its digest decides: if the event is gone, or a later version renders other bytes, the body is
    not shown and is marked as cut.
    """
    if record.default_body is None:
        return record
    if event is not None:
        include_entity = record.default_body.include_entity
        view = WebhookView(id=of.key.webhook_id, name="", include_entity=include_entity)
        body = render_body(event, view, of.activation).body or b""
        if hashlib.sha256(body).hexdigest() == record.default_body.sha256:
            text, cut = text_of(body, MAX_REQUEST_BODY)
            return replace(record, body=text, body_truncated=cut, default_body=None)
    return replace(record, body_truncated=True, default_body=None)


def response_record(answer: Answered, secrets: Sequence[str]) -> ResponseRecord:
    """The response as it came, without ``secrets``: endpoints that echo requests echo those too.

    ``secrets`` is the result of `secret_texts`.
    """
    headers = tuple((scrub(name, secrets), scrub(value, secrets)) for name, value in answer.headers)
    whole, _ = text_of(answer.body, len(answer.body) * 3)
    body, cut = _cut(scrub(whole, secrets, open_ended=answer.body_truncated), MAX_RESPONSE_BODY)
    return ResponseRecord(answer.status, headers, body, body_truncated=cut or answer.body_truncated)


def error_message(text: str, secrets: Sequence[str]) -> str:
    """Why there was no answer, on one line of at most `MAX_ERROR_MESSAGE` characters.

    Endpoints can put their own words into it, even ``secrets``; these are masked before it is cut.
    """
    line = _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], scrub(text, secrets))
    return line if len(line) <= MAX_ERROR_MESSAGE else line[: MAX_ERROR_MESSAGE - 1] + "…"


def secret_texts(webhook: Webhook, secrets: WebhookSecrets) -> tuple[str, ...]:
    """All secrets of a webhook, in each form in which an endpoint could show them.

    Signing secrets too: they are not sent, but the endpoint knows them.
    """
    texts = [*secrets.headers.values()]
    # Some endpoints store the secret without its prefix.
    texts += [
        each.removeprefix(SECRET_PREFIX).removeprefix(PRIVATE_PREFIX)
        for each in (secrets.signing, secrets.previous_signing)
        if each is not None
    ]
    if secrets.credential is not None:
        texts.append(secrets.credential)
        if isinstance(webhook.auth, BasicAuth):
            texts.append(basic_credentials(webhook.auth.username, secrets.credential))
    return as_shown(texts)


def text_of(body: bytes, limit: int) -> tuple[str, bool]:
    """The body as text of at most ``limit`` bytes in UTF-8, and whether it was cut.

    Bytes that are not UTF-8 show as U+FFFD. No character is cut in two.
    """
    # At most ``limit`` bytes can show, and a character has up to four.
    text, cut = _cut(body[: limit + 4].decode("utf-8", "replace"), limit)
    return text, cut or len(body) > limit + 4


def _cut(text: str, limit: int) -> tuple[str, bool]:
    encoded = text.encode()
    if len(encoded) <= limit:
        return text, False
    return encoded[:limit].decode("utf-8", "ignore"), True
