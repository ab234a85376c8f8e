"""Cheaper calls through botocore: the one file that reaches inside it (decision 0031).

DynamoDB and SQS take and give JSON, and our adapters hand over just that: items in DynamoDB's own
form (`dynamo.table.attributes`), messages as text. For each call botocore would validate and
copy them value by value, resolve the endpoint and derive the signing key: two thirds of what a call
costs. Requests are signed here (Signature Version 4); retries, connections and errors stay
botocore's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, override
from urllib.parse import urlsplit
from uuid import uuid4
from zlib import crc32

from botocore.auth import _host_from_url  # type: ignore[attr-defined]  # the stubs leave it out
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.endpoint import Endpoint, convert_to_response_dict
from botocore.exceptions import NoCredentialsError, ResponseStreamingError
from botocore.hooks import first_non_none_response
from botocore.parsers import ResponseParserError, create_parser

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

_NEVER_REPEATED = frozenset({"BatchWriteItem"})
"""A repeat could overwrite what somebody changed after the first try: `Batches` reads first."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_END_OF_SCOPE = "aws4_request"


def make_lean(client: Any, *, validate: bool) -> None:
    """Makes a client of DynamoDB or SQS lean; ``validate`` keeps the check of its parameters."""
    # Without a rule set botocore calls the endpoint that it worked out when the client was made;
    # the rules know nothing better for a region's tables and queues.
    client._ruleset_resolver = None  # noqa: SLF001 - the least that does it; a test compares requests
    client._emit_api_params = with_token  # noqa: SLF001 - as above
    client._endpoint = LeanEndpoint(client)  # noqa: SLF001 - as above
    if not validate:
        client._serializer = AsItIs()  # noqa: SLF001 - as above


class AsItIs:
    """botocore's serializer of the protocol awsJson1.0, for parameters that are JSON already.

    https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
    """

    def serialize_to_request(
        self, parameters: Mapping[str, object], operation_model: Any
    ) -> dict[str, Any]:
        """What botocore makes a request of. Raises TypeError for a value that is not JSON."""
        metadata = operation_model.metadata
        headers = {
            "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
            "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        }
        if operation_model.service_model.is_query_compatible:
            # Refusals of SQS keep the codes they had when it spoke another protocol.
            headers["x-amzn-query-mode"] = "true"
        return {
            "url_path": "/",
            "query_string": "",
            "method": "POST",
            "headers": headers,
            "body": json.dumps(parameters, separators=(",", ":"), default=_binary).encode(),
        }


def _binary(value: object) -> str:
    """Bytes as the protocol writes them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def with_token(
    api_params: Mapping[str, object], operation_model: Any, **_: object
) -> Mapping[str, object]:
    """The parameters, with the token by which AWS knows a repeated transaction.

    All else that botocore's handlers of parameters do is for other services.
    """
    tokens = {name: str(uuid4()) for name in operation_model.idempotent_members}
    return {**tokens, **api_params} if tokens else api_params


class LeanEndpoint(Endpoint):
    """botocore's endpoint, but for how a request is signed and how an answer is read.

    The events between sending a request and having its answer are not emitted, nor is
    ``request-created``: botocore's own handlers of them sign, and tell AWS of retries.
    """

    # What the stubs of botocore leave out.
    _event_emitter: Any
    _send: Callable[[AWSPreparedRequest], AWSResponse]
    _add_modeled_error_fields: Callable[..., None]

    def __init__(self, client: Any) -> None:
        usual, model = client._endpoint, client.meta.service_model  # noqa: SLF001 - as above
        super().__init__(
            usual.host,
            usual._endpoint_prefix,  # noqa: SLF001 - as above
            usual._event_emitter,  # noqa: SLF001 - as above
            http_session=usual.http_session,
        )
        self._before_send = f"before-send.{model.service_id.hyphenize()}."
        self._parser = create_parser(model.resolved_protocol)
        self._credentials = client._request_signer._credentials  # noqa: SLF001 - as above
        self._signer = Signer(
            service=model.signing_name,
            region=client.meta.region_name,
            host=_host_from_url(usual.host),
            path=urlsplit(usual.host).path or "/",
        )

    @override
    def create_request(
        self, params: Mapping[str, Any], operation_model: Any = None
    ) -> AWSPreparedRequest:
        """The request of one attempt, signed. Raises NoCredentialsError where there are none."""
        if self._credentials is None:
            raise NoCredentialsError
        body: bytes = params["body"]
        signed: Any = self._signer.sign(
            params["headers"], body, self._credentials.get_frozen_credentials(), datetime.now(UTC)
        )
        signed["Content-Length"] = str(len(body))
        return AWSPreparedRequest(
            params["method"], params["url"], signed, body, stream_output=False
        )

    def _get_response(
        self, request: AWSPreparedRequest, operation_model: Any, _context: object
    ) -> tuple[tuple[AWSResponse, dict[str, Any]] | None, Exception | None]:
        """Either the answer and what it says, or what kept it from coming: botocore tries again."""
        event = self._before_send + operation_model.name
        try:
            stubbed = first_non_none_response(self._event_emitter.emit(event, request=request))
            answer: AWSResponse = stubbed or self._send(request)
            content = answer.content
            _check_whole(answer)
        except Exception as error:  # noqa: BLE001 - which of them to try again is decided later
            return None, error
        if answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return (answer, _parsed(content)), None
        response = convert_to_response_dict(answer, operation_model)
        refusal = self._parser.parse(response, operation_model.output_shape)
        self._add_modeled_error_fields(response, refusal, operation_model, self._parser)
        return (answer, refusal), None

    def _needs_retry(
        self, attempts: int, operation_model: Any, request_dict: Any, *came: Any
    ) -> bool:
        """``came`` is what `_get_response` gave. What succeeded needs no asking around."""
        answered, _ = came
        if answered and answered[0].status_code < HTTPStatus.MULTIPLE_CHOICES:
            return False
        if operation_model.name in _NEVER_REPEATED:
            return False
        retry: bool = super()._needs_retry(attempts, operation_model, request_dict, *came)  # type: ignore[misc]  # the stubs leave it out
        return retry

    def _update_retries_context(self, *_: object) -> None:
        """Only the headers that tell AWS of retries are made of it."""


def _check_whole(answer: AWSResponse) -> None:
    """Raises for a body of another checksum than DynamoDB sends along, what is tried again."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != crc32(answer.content):
        raise ResponseStreamingError(error="the checksum is another one")


def _parsed(content: bytes) -> dict[str, Any]:
    """Binary values stay the text that they are on the wire; members that are null are left out."""
    try:
        answer = json.loads(content or b"{}")
    except ValueError as error:
        raise ResponseParserError(f"the answer is not JSON: {error}") from error
    if not isinstance(answer, dict):
        raise ResponseParserError("the answer is not a JSON object")
    return {name: value for name, value in answer.items() if value is not None}


class Signer:
    """Signs what is posted to a ``path`` of ``host``, a service's endpoint in ``region``.

    The host is as in its header: in lower case, without the usual port of its scheme. A
    signing key is good for a day, and derived once.
    """

    def __init__(self, *, service: str, region: str, host: str, path: str = "/") -> None:
        self._scope = (region, service, _END_OF_SCOPE)
        self._host = host
        self._path = path
        self._derived: tuple[tuple[str, str], bytes] = (("", ""), b"")

    def sign(
        self,
        headers: Mapping[str, str],
        body: bytes,
        credentials: ReadOnlyCredentials,
        now: datetime,
    ) -> dict[str, str]:
        """The headers and those that sign them; ``now`` in UTC.

        Signed are the content's type and target, where and when it is sent, and the body. What
        else is among the headers may be changed on the way.
        """
        time = f"{now:%Y%m%dT%H%M%SZ}"
        to_sign = {
            "content-type": headers["Content-Type"],
            "host": self._host,
            "x-amz-date": time,
            "x-amz-security-token": credentials.token,
            "x-amz-target": headers["X-Amz-Target"],
        }
        if not credentials.token:
            del to_sign["x-amz-security-token"]
        names = ";".join(to_sign)
        lines = "".join(f"{name}:{value}\n" for name, value in to_sign.items())
        request = f"POST\n{self._path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        day = time[:8]
        scope = "/".join((day, *self._scope))
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = self._key(str(credentials.secret_key), day)
        signature = hmac.digest(key, f"{_ALGORITHM}\n{time}\n{scope}\n{digest}".encode(), "sha256")
        signed = {
            **headers,
            "X-Amz-Date": time,
            "Authorization": f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature.hex()}",
        }
        if credentials.token:
            signed["X-Amz-Security-Token"] = credentials.token
        return signed

    def _key(self, secret: str, day: str) -> bytes:
        derived_from, key = self._derived
        if derived_from != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, *self._scope):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived = ((secret, day), key)
        return key
