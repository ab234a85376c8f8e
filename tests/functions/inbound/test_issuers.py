"""A caller that proves itself by its issuer's token: as FlexDeploy's Teams tasks do, in sync."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import jwt
import pytest
import trustme

from hookline.adapters.fetched_documents import FetchedDocuments
from hookline.adapters.http import GuardedCaller
from hookline.adapters.http.sockets import Limits
from hookline.adapters.stack_inbound import InboundStack
from hookline.adapters.telemetry import Metrics
from hookline.domain.inbound.message import Outcome, Progress
from hookline.services.inbound.receive import Done, ReceiveCall, Refused
from hookline.services.inbound.work import match_message_over, process_message_over
from hookline_inbound.gateway import call_of
from hookline_inbound_worker.settings import InboundWorkerSettings
from hookline_inbound_worker.wiring import worker_over
from tests.contract.http.endpoints import Endpoint, Peer
from tests.engine.inbound import NO_QUOTAS
from tests.engine.issuer import jwk, rsa_key
from tests.engine.sending import OneByOne
from tests.engine.wiring import stand_in
from tests.functions.inbound.conftest import World, example

CA = trustme.CA()
HOST, AUDIENCE = "login.example.com", "https://hooks.example.com"


class Issuer:
    """On loopback, under its own name: its discovery and its keys, which it may rotate."""

    def __init__(self, running: ExitStack) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert(HOST).configure_cert(context)
        self.endpoint = running.enter_context(Endpoint(self._behave, context))
        self.address = f"https://{HOST}:{self.endpoint.port}"
        self.key_id = "one"
        self.lines: list[str] = []

    def _behave(self, peer: Peer) -> None:
        while (request := peer.request()) is not None:
            path = request.line.split()[1]
            self.lines.append(path)
            discovery = {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
            keys = {"keys": [jwk(rsa_key(self.key_id), kid=self.key_id)]}
            body = json.dumps(keys if path == "/keys" else discovery).encode()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def token(self, world: World, key: str | None = None) -> str:
        now = int(world.time.now.timestamp())
        claims = {"iss": self.address, "aud": AUDIENCE, "exp": now + 300}
        key = key or self.key_id
        return jwt.encode(claims, rsa_key(key), "RS256", headers={"kid": self.key_id})

    def fetch(self, world: World) -> FetchedDocuments:
        def roots() -> ssl.SSLContext:
            context = ssl.create_default_context()
            CA.configure_trust(context)
            return context

        return FetchedDocuments(
            world.time,
            GuardedCaller(
                allowed_networks=(ip_network("127.0.0.0/8"),),
                limits=Limits(kept_body_bytes=256 * 1024),
                resolve=lambda _host, _port: ["127.0.0.1"],
                public_roots=roots,
            ),
        )


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with ExitStack() as running:
        yield Issuer(running)


class Functions:
    """Receiver and worker of the world, which find the issuer on loopback."""

    def __init__(self, world: World, issuer: Issuer) -> None:
        settings = world.stack.settings(InboundWorkerSettings)
        stack = stand_in(InboundStack, settings, world.time, fetch=issuer.fetch(world))
        self.receive = ReceiveCall(
            tenant_exists=lambda _tenant: True,
            quotas=NO_QUOTAS,
            match=match_message_over(stack),
            messages=stack.new_messages,
            queue=stack.inbound_queue,
            process=process_message_over(stack),
            clock=world.time,
            randomness=world.stack.randomness,
        )
        metrics = Metrics("inbound-worker", "test", world.time)
        self.worker = worker_over(stack, side_by_side=OneByOne(), metrics=metrics)


def a_provider(world: World, issuer: Issuer, **fields: object) -> None:
    verify = {"type": "jwt", "issuer": issuer.address, "audience": AUDIENCE}
    document = {"name": "jwt", "match": {"expression": "`true`"}, "verify": verify, **fields}
    event = {"type": "'task.approved'", "data": "message.payload"}
    world.add_function(
        {
            "name": "approve",
            "provider_id": world.add_provider(document),
            "uri": "**",
            "action": {"type": "publish", "event": event},
        }
    )


def a_call(world: World, token: str) -> Any:
    event = example("github", world.tenant)
    return call_of(event | {"headers": {"authorization": f"Bearer {token}"}})


def test_a_caller_that_waits_is_let_in_by_its_issuers_token_alone(
    world: World, issuer: Issuer
) -> None:
    a_provider(world, issuer, mode="sync")
    functions = Functions(world, issuer)
    done = functions.receive(a_call(world, issuer.token(world)))
    assert isinstance(done, Done)
    assert (done.status, done.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    forged = functions.receive(a_call(world, issuer.token(world, key="a forger")))
    assert isinstance(forged, Refused)
    assert issuer.lines == ["/.well-known/openid-configuration", "/keys"]


def test_the_worker_takes_a_rotated_key_and_keeps_no_token(world: World, issuer: Issuer) -> None:
    a_provider(world, issuer)
    functions = Functions(world, issuer)
    for key_id in ("one", "two"):
        issuer.key_id = key_id
        world.time.now += timedelta(minutes=2)
        token = issuer.token(world)
        functions.receive(a_call(world, token))
        assert functions.worker.batch(world.queued()) == []
        (message, *_) = world.stored()
        assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
        assert token not in str(message)
    assert issuer.lines.count("/keys") == 2
