"""Our signatures are botocore's, whatever is signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.lean_calls import Signer

NOW = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.PutItem",
}
AGENT = {"User-Agent": "Hookline/1"}
HOSTS = ["dynamodb.eu-west-1.amazonaws.com", "127.0.0.1:4566", "localhost:8000"]


def signed_by_botocore(
    host: str, region: str, body: bytes, credentials: ReadOnlyCredentials, now: datetime
) -> dict[str, str]:
    """The headers of botocore's own signature."""
    scheme = "https" if "amazonaws" in host else "http"
    request = AWSRequest("POST", f"{scheme}://{host}/", dict(HEADERS), body)
    request.context["payload_signing_enabled"] = True
    with patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        SigV4Auth(credentials, "dynamodb", region).add_auth(request)
    return dict(request.headers.items())


secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
credentials = st.builds(ReadOnlyCredentials, secrets, secrets, st.none() | secrets)
times = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2060, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants them naive
    lambda time: time.replace(tzinfo=UTC)
)


@given(
    host=st.sampled_from(HOSTS),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1"]),
    asked=st.lists(st.tuples(st.binary(max_size=200), credentials, times), min_size=1, max_size=4),
)
def test_a_signature_is_the_one_that_botocore_makes(
    host: str, region: str, asked: list[tuple[bytes, ReadOnlyCredentials, datetime]]
) -> None:
    signer = Signer(service="dynamodb", region=region, host=host)
    for body, whose, now in asked:
        expected = signed_by_botocore(host, region, body, whose, now)
        assert signer.sign(HEADERS | AGENT, body, whose, now) == expected | AGENT


def test_a_key_is_derived_anew_for_a_new_day_and_for_rotated_credentials() -> None:
    signer = Signer(service="dynamodb", region="eu-west-1", host=HOSTS[0])
    old, new = (ReadOnlyCredentials("AKIA", secret, "token") for secret in ("old", "new"))
    for whose, now in [(old, NOW), (old, NOW.replace(day=26)), (new, NOW.replace(day=26))]:
        expected = signed_by_botocore(HOSTS[0], "eu-west-1", b"{}", whose, now)
        assert signer.sign(HEADERS, b"{}", whose, now) == expected


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        (None, "dynamodb.eu-west-1.amazonaws.com"),
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("http://127.0.0.1:4566/", "127.0.0.1:4566"),
        ("http://127.0.0.1:4566/aws", "127.0.0.1:4566"),
        ("http://[::1]:4566", "[::1]:4566"),
        ("http://LOCALHOST:8000", "LOCALHOST:8000"),
        ("https://dynamodb.example.com:443", "dynamodb.example.com:443"),
    ],
)
def test_what_a_client_sends_is_signed_for_where_it_is_sent(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, endpoint: str | None, host: str
) -> None:
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    client: Any = Clients().dynamodb()
    sent: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        sent.append(request)
        raise ValueError("seen enough")

    client.meta.events.register_first("before-send.dynamodb", stop)
    with pytest.raises(ValueError, match="seen enough"):
        client.list_tables()
    (request,) = sent
    assert request.url.split("/")[2] == host
    now = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    whose = client._request_signer._credentials.get_frozen_credentials()
    again = AWSRequest(request.method, request.url, dict(request.headers), request.body)
    again.context["payload_signing_enabled"] = True
    for name in ("User-Agent", "Content-Length", "Authorization"):
        del again.headers[name]
    with patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        SigV4Auth(whose, "dynamodb", "eu-west-1").add_auth(again)
    assert request.headers["Authorization"] == again.headers["Authorization"]
