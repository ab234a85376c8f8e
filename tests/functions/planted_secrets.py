"""What is planted, and everything that is done with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda_simple.models import lambda_simple_backends

from tests.worlds.account import ACCOUNT, REGION
from tests.worlds.client import Reply
from tests.worlds.stack import USERS_FUNCTION, Stack

AWKWARD = '"\\/+&<'
"""What JSON, HTML, PHP and urls each write differently."""

TOKEN_HEADER = "X-Hook-Of-Ours"
"""Nothing in its name tells that a provider takes its token from it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's text; ``core`` is the part by which it is found in whatever form it is told."""

    text: str
    core: str

    def forms(self) -> tuple[str, ...]:
        """The core as it stands, and as it shows in base64 of anything that it is part of."""
        shown = [self.core]
        for before, lost in ((0, 0), (1, 2), (2, 3)):
            encoded = base64.b64encode(b"\0" * before + self.core.encode()).decode()
            shown.append(encoded[lost:-4])
        return tuple(shown)


def _awkward(core: str) -> Secret:
    return Secret(AWKWARD + core + AWKWARD, core)


def _signing(core: str) -> Secret:
    encoded = base64.b64encode(core.encode()).decode()
    return Secret(f"whsec_{encoded}", encoded[:-4])


PLANTED = {
    "signing secret": _signing("planted-signing-secret-0001"),
    "previous signing secret": _signing("planted-previous-secret-0002"),
    "password": Secret(f"pä{AWKWARD}planted-password-0003", "planted-password-0003"),
    "token": _awkward("planted-token-0004"),
    "sensitive header": _awkward("planted-header-0005"),
    "inbound token": _awkward("planted-inbound-token-0006"),
    "inbound password": _awkward("planted-inbound-password-0007"),
    "inbound signing secret": _awkward("planted-inbound-secret-0008"),
    "secret property": _awkward("planted-property-0009"),
    "secret property inside another": _awkward("planted-property-0010"),
}
_AUTH: Mapping[str, Mapping[str, str]] = {
    "basic": {"type": "basic", "username": "u", "password": PLANTED["password"].text},
    "bearer": {"type": "bearer", "token": PLANTED["token"].text},
}
_PROPERTIES = {
    "site": "acme.example",
    "api_key": PLANTED["secret property"].text,
    "database": {"password": PLANTED["secret property inside another"].text},
}
_SHOWS_ALL = "{{#json}}webhook{{/json}} {{webhook.secret}} {{webhook.auth}} {{webhook.headers}}"


def users_function_answers(*answers: object) -> None:
    """What the user's Lambda function answers from now on, in order; afterwards an echo."""
    backend = lambda_simple_backends[ACCOUNT][REGION]
    backend.lambda_simple_results_queue[:] = [json.dumps(answer) for answer in answers]


class Planted:
    """One tenant's secrets and all that is asked about them.

    ``answers`` keeps, by what was asked, those that may show no secret, ``shown`` those that may
    show the signing secrets.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ids: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.shown: list[Reply] = []

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> Reply:
        """Asks, and keeps the answer."""
        reply = self._stack.acme(method, path, body, **more)
        self.answers[f"answer {len(self.answers)} to {method} {path}"] = (
            f"{reply.headers} {reply.text}"
        )
        return reply

    def _made(self, name: str, url: str, auth: str, **fields: object) -> None:
        """A webhook with every kind of secret."""
        document = {
            "name": name,
            "url": url,
            "events": ["order.*"],
            "secret": PLANTED["signing secret"].text,
            "headers": {"X-Api-Key": PLANTED["sensitive header"].text, "X-Plain": "plain"},
            "auth": _AUTH[auth],
            "signatures": ["standard", "hmac-sha256", "hmac-sha1"],
            "retry": {"max_attempts": 1 if name == "dies" else None},
        }
        made = self._twice("POST", "/webhooks", document | fields, f"make-{name}")
        self._ids[name] = str(made.json["id"])

    def webhooks(self, *, answers: str, tells: str, hangs: str, distrusted: str) -> None:
        """Creates, edits and rotates one for each way in which a call can end."""
        self._made("works", answers, "basic", body_template=_SHOWS_ALL, content_type="text/plain")
        self._made("tells", tells, "bearer")
        self._made("dies", tells, "basic")
        self._made("hangs", hangs, "bearer", timeout_seconds=1)
        self._made("distrusted", distrusted, "basic")
        self._made("watches", answers, "bearer", events=["hookline.*"])
        for name, given in self._ids.items():
            path = f"/webhooks/{given}"
            kept = {"auth": {"type": "bearer", "token": "*****"}} if name == "tells" else {}
            assert self.ask("PATCH", path, {"description": name, **kept}).status == 200
            self._rotate(name)

    def refused(self) -> None:
        """Requests that hold secrets and are wrong, by what is wrong with them."""
        signing, token = PLANTED["signing secret"].text, PLANTED["token"].text
        header, password = PLANTED["sensitive header"].text, PLANTED["password"].text
        right = {"name": "x", "url": "https://example.com", "events": ["*"]}
        for wrong in (
            {"secret": signing + "!"},
            {"secret": [signing]},
            {"url": f"https://u:{PLANTED['password'].core}@example.com"},
            {"headers": {"X-Api-Key": header + "\n"}},
            {"headers": {"X-Api-Key": [header]}},
            {"headers": {"X-Api-Key": header, "Host": header}},
            {"auth": {"type": "basic", "username": "u:", "password": password}},
            {"auth": {"type": "bearer", "token": token + "\n"}},
            {"auth": {"type": "bearer", "token": [token]}},
            {"auth": {"type": token, "token": token}},
            {"auth": token},
            {"auth": _AUTH["bearer"], "headers": {"Authorization": header}},
            {"auth": {"type": "bearer", "token": token * 200}},
            {"secrets": signing},
            {"filter": f"'{token}"},
        ):
            assert self.ask("POST", "/webhooks", right | wrong).status == 422, wrong
        assert self.ask("POST", "/webhooks", right | {"name": "works"}).status == 409
        for raw in (f'{{"secret": "{signing}', f'{{"a": "{signing}", "a": "{signing}"}}'):
            assert self.ask("POST", "/webhooks", raw=raw.encode()).status in {400, 422}
        elsewhere = {"url": "https://elsewhere.example", "headers": {"X-Api-Key": "*****"}}
        assert self.ask("PATCH", f"/webhooks/{self._ids['tells']}", elsewhere).status == 422

    def deliveries(self) -> None:
        """Publishes to all of them, tests one, retries what did not succeed."""
        event = {"type": "order.paid", "id": "one", "data": {"total": 1}}
        for _ in range(2):
            published = self.ask("POST", "/events", event, headers={"Idempotency-Key": "one"})
            assert published.status == 202
        self.ask("POST", f"/webhooks/{self._ids['tells']}/test", {"type": "order.paid"})
        self._stack.deliver()
        for name in ("tells", "dies", "hangs"):
            path = f"/webhooks/{self._ids[name]}/deliveries"
            for delivery in self.ask("GET", path).json["items"]:
                assert self.ask("POST", f"{path}/{delivery['id']}/retry").status == 202
        self._stack.deliver()
        assert self._stack.schedule()
        self._stack.deliver()

    def inbound(self) -> None:
        """Third parties' calls with right and wrong credentials, and functions that tell them."""
        token, password = PLANTED["inbound token"].text, PLANTED["inbound password"].text
        basic = base64.b64encode(f"u:{password}".encode()).decode()
        by_token = {"type": "token", "header": TOKEN_HEADER, "token": token}
        shared = {"properties": _PROPERTIES}
        asks = {"match": {"function_arn": USERS_FUNCTION}}
        takes = self._provider("by token", by_token, **shared)
        self._provider(
            "by password", {"type": "basic", "username": "u", "password": password}, **asks
        )
        signed = {"type": "github", "secret": PLANTED["inbound signing secret"].text}
        self._provider("by signature", signed)
        invoke = {"type": "invoke", "function_arn": USERS_FUNCTION}
        for event in (
            {"type": "'it.came'"},
            {"type": "properties.api_key"},
            {"type": "sum(properties)"},
        ):
            self._function(takes, {"type": "publish", "event": event})
        self._function(takes, invoke)
        broken = {"verify": by_token | {"token": [token]}, "properties": _PROPERTIES | {"": token}}
        assert self.ask("PATCH", f"/inbound/providers/{takes}", broken).status == 422

        right = {TOKEN_HEADER: token, "Cookie": f"session={token}"}
        tells = {"message": json.dumps(_PROPERTIES), "log": f"{_PROPERTIES}"}
        users_function_answers(tells)
        self._call(b"{}", right)
        users_function_answers({"message": _PROPERTIES, "log": [_PROPERTIES]})
        self._call(b"{}", right | {"X-Hookline-Sync": "true"})
        said_no = {"match": False, "log": f"{basic} and {password}, as JSON {json.dumps(password)}"}
        users_function_answers(said_no)
        self._call(b"{}", {"Authorization": f"Basic {basic}", TOKEN_HEADER: "wrong"})
        self._call(b"{}", {"Authorization": "Basic wrong", "X-Hub-Signature-256": "sha256=00"})
        message = self.ask("GET", "/inbound/messages").json["items"][-1]
        assert self.ask("POST", f"/inbound/messages/{message['id']}/resubmit").status == 202
        users_function_answers(tells)
        self._stack.work()

    def read_all(self) -> None:
        """Everything that can be read about all of it."""
        for name in self._ids:
            path = f"/webhooks/{self._ids[name]}"
            for under in ("", "/stats", "/rights"):
                assert self.ask("GET", path + under).status == 200
            for delivery in self.ask("GET", f"{path}/deliveries").json["items"]:
                self.ask("GET", f"{path}/deliveries/{delivery['id']}")
        preview = {"template": _SHOWS_ALL, "content_type": "text/plain", "event": {"type": "a"}}
        assert self.ask("POST", "/templates/preview", preview).status == 200
        assert self.ask("POST", "/events/dry-run", {"type": "order.paid"}).status == 200
        for path in ("/webhooks", "/events", "/events/one", "/events/one/deliveries"):
            assert self.ask("GET", path).status == 200
        for path in ("/inbound/providers", "/inbound/functions", "/inbound/messages"):
            for item in self.ask("GET", path).json["items"]:
                assert self.ask("GET", f"{path}/{item['id']}").status == 200

    def _rotate(self, name: str) -> None:
        """To another secret and back: the one that is planted as the previous one stays valid."""
        path = f"/webhooks/{self._ids[name]}/secret"
        for secret in ("previous signing secret", "signing secret"):
            body = {"secret": PLANTED[secret].text, "overlap_seconds": 86_400}
            self._twice("POST", f"{path}/rotate", body, f"rotate-{name}-to-{secret}")
        read = self._stack.acme("GET", path)
        assert read.json["previous_secret"] == PLANTED["previous signing secret"].text
        self.shown.append(read)

    def _twice(self, method: str, path: str, body: object, key: str) -> Reply:
        """What may show signing secrets; asked again under the same key, the same answer."""
        headers = {"Idempotency-Key": key.replace(" ", "-")}
        first, again = (self._stack.acme(method, path, body, headers=headers) for _ in range(2))
        assert first.status in {200, 201}, first.text
        assert again.json == first.json
        self.shown += [first, again]
        return first

    def _provider(self, name: str, verify: Mapping[str, object], **fields: object) -> str:
        document = {"name": name, "match": {"expression": "`true`"}, "verify": verify}
        headers = {"Idempotency-Key": f"make-{name}".replace(" ", "-")}
        first, again = (
            self.ask("POST", "/inbound/providers", document | fields, headers=headers)
            for _ in range(2)
        )
        assert (first.status, again.json) == (201, first.json)
        return str(first.json["id"])

    def _function(self, provider: str, action: Mapping[str, object]) -> None:
        document = {"name": "x", "provider_id": provider, "uri": "in", "action": action}
        assert self.ask("POST", "/inbound/functions", document).status == 201

    def _call(self, body: bytes, headers: Mapping[str, str]) -> None:
        answer = self._stack.inbound("in", body, headers)
        self.answers[f"answer {len(self.answers)} to a third party"] = answer
