"""The request of one attempt, from the webhook as it is now and the event as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from hookline.domain.delivery.call import Call, Unanswered
from hookline.domain.delivery.delivery import Delivery, ErrorKind, RequestRecord
from hookline.domain.event.event import Event, Pristine
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import is_sensitive
from hookline.domain.net.urls import InvalidUrl, Url, parse_url
from hookline.domain.request.attempt_record import default_body_of, request_record
from hookline.domain.request.headers import Sending, delivery_headers
from hookline.domain.request.rendering import Rendered, WebhookView, context_of, render_body
from hookline.domain.request.scrubbing import basic_credentials
from hookline.domain.sandbox.templates import TemplateFailed
from hookline.domain.webhook.place_templates import has_fields, render_header, render_url
from hookline.domain.webhook.signing import headers_of
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import BasicAuth, BearerAuth, Webhook, WebhookSecrets

_parsed_url = lru_cache(maxsize=1_000)(parse_url)
"""A webhook's url rarely changes between attempts; refused ones are parsed each time."""

_is_sensitive = lru_cache(maxsize=256)(is_sensitive)
"""For the platform's own headers, the same few in every attempt."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call to make, and what the log keeps of it."""

    call: Call
    record: RequestRecord


@dataclass(frozen=True, slots=True)
class Unmade:
    """No call can be made: why not, and what the log keeps."""

    outcome: Unanswered
    record: RequestRecord


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook with its secrets in clear."""

    webhook: Webhook
    secrets: WebhookSecrets


def prepare(
    target: Target, event: Event, delivery: Delivery, sent_at: datetime, rules: Surroundings
) -> Prepared | Unmade:
    """The request of the delivery's next attempt, sent at ``sent_at``."""
    webhook = target.webhook
    view = WebhookView.of(webhook)
    try:
        context = _context(view, webhook, event, delivery.activation)
        url = _url(webhook, context, rules)
        rendered = render_body(event, view, delivery.activation)
        own = _own_headers(target, context)
    except InvalidUrl as refused:  # the stack's parameters have changed since it was saved
        return _unmade(webhook, "blocked", f"the url {refused.reason}")
    except TemplateFailed as failed:
        return _unmade(webhook, "template", str(failed))
    platform = delivery_headers(
        Sending(
            event=event,
            webhook_id=webhook.id,
            delivery_id=delivery.key.id,
            attempt=delivery.attempt_count + 1,
            sent_at=sent_at,
            body=rendered.body,
            secrets=target.secrets.signing_at(sent_at),
            schemes=webhook.signatures,
            format=webhook.format,
            url=str(url),
            method=webhook.method,
        ),
        rules.header_prefix,
    )
    headers = _headers(target, rendered, dict(platform), own)
    call = Call(
        method=webhook.method,
        url=url,
        headers=headers,
        body=rendered.body,
        timeout=webhook.timeout,
        ca_certificate=webhook.ca_certificate,
    )
    call = as_forwarded(call, event.pristine)
    default_body = default_body_of(event, webhook, rendered)
    secret = _secret_headers(target, dict(platform), rules.header_prefix)
    return Prepared(call, request_record(call, secret, default_body))


def _context(
    view: WebhookView, webhook: Webhook, event: Event, activation: object
) -> Mapping[str, object]:
    """What the tags of url and headers can name; usually there are none."""
    if not (webhook.headers_hold_fields or has_fields(webhook.url)):
        return {}
    return context_of(event, view, activation)


def _url(webhook: Webhook, context: Mapping[str, object], rules: Surroundings) -> Url:
    networks = tuple(rules.allowed_networks)
    if not has_fields(webhook.url):
        return _parsed_url(webhook.url, allow_http=rules.allow_http, allowed_networks=networks)
    text = render_url(webhook.url, context, webhook.template_language)
    try:
        return parse_url(text, allow_http=rules.allow_http, allowed_networks=networks)
    except InvalidUrl as refused:
        raise TemplateFailed(f"The url {refused.reason}") from None


def _own_headers(target: Target, context: Mapping[str, object]) -> dict[str, str]:
    """The webhook's own headers, secret values in clear, event fields filled in."""
    webhook = target.webhook
    clear = {name.lower(): value for name, value in target.secrets.headers.items()}
    own = {
        name: clear.get(name.lower(), value) if value == MASK else value
        for name, value in webhook.headers.items()
    }
    if not webhook.headers_hold_fields:
        return own
    return {
        name: render_header(name, value, context, webhook.template_language)
        if has_fields(value)
        else value
        for name, value in own.items()
    }


def _headers(
    target: Target, rendered: Rendered, platform: Mapping[str, str], all_own: Mapping[str, str]
) -> Mapping[str, str]:
    """Content type, authorization, the webhook's own and the platform's headers.

    Its own override User-Agent alone. The platform's other headers are refused when a webhook is
    saved, but the stack's prefix may have changed since. ``traceparent`` is allowed there, and ours
    if the event has a trace.
    """
    headers: dict[str, str] = {}
    if rendered.content_type is not None:
        headers["Content-Type"] = rendered.content_type
    authorization = _authorization(target)
    if authorization is not None:
        headers["Authorization"] = authorization
    ours = {name.lower() for name in platform} - {"user-agent"}
    own = {name: value for name, value in all_own.items() if name.lower() not in ours}
    overridden = {name.lower() for name in own}
    headers.update(platform)
    kept = {name: value for name, value in headers.items() if name.lower() not in overridden}
    return kept | own


def _authorization(target: Target) -> str | None:
    credential = target.secrets.credential
    match target.webhook.auth:
        case BasicAuth(username) if credential is not None:
            return f"Basic {basic_credentials(username, credential)}"
        case BearerAuth() if credential is not None:
            return f"Bearer {credential}"
        case _:
            return None


def _secret_headers(target: Target, platform: Iterable[str], prefix: str) -> frozenset[str]:
    """The headers that the log masks: whoever can read a signature can repeat the call."""
    auth = () if target.webhook.auth is None else ("authorization",)
    signatures = (name for name in platform if _is_sensitive(name.removeprefix(prefix)))
    described = headers_of(target.webhook.signatures)
    return frozenset((*target.secrets.headers, *auth, *signatures, *described))


def _unmade(webhook: Webhook, kind: ErrorKind, message: str) -> Unmade:
    record = RequestRecord(webhook.method, webhook.url, (), None, body_truncated=False)
    return Unmade(Unanswered(kind, message, timedelta(), None), record)


def as_forwarded(call: Call, pristine: Pristine | None) -> Call:
    """The call with what is forwarded from ``pristine``; unchanged without that.

    Headers that the call already has win; the query is appended to the url's own.
    """
    if pristine is None:
        return call
    target = call.url.target
    if pristine.query:
        target += ("&" if "?" in target else "?") + pristine.query
    return replace(
        call,
        method=pristine.method or call.method,
        url=replace(call.url, target=target),
        headers=_with(call.headers, pristine.headers),
    )


def _with(own: Mapping[str, str], handed_on: Mapping[str, str]) -> Mapping[str, str]:
    taken = {name.lower() for name in own}
    more = {name: value for name, value in handed_on.items() if name.lower() not in taken}
    return {**own, **more}
