"""What botocore does for every call and need not: the one file that reaches inside it.

DynamoDB and SQS take and give JSON, and what our adapters hand over is just that: items are in
DynamoDB's own form (`hookline.adapters.dynamo.attributes`), messages are text. botocore would walk
both along its model, value by value, work its endpoint out anew and derive its signing key anew for
each call: two thirds of what a call costs (decision 0031). Retries, connections, answers, errors
and all other events stay botocore's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import NoCredentialsError
from botocore.parsers import ResponseParserError

from hookline.adapters.sigv4 import Signer


def make_lean(client: Any, *, validate: bool) -> None:
    """Spares a client of DynamoDB or SQS all that.

    ``validate`` leaves it the walk that checks parameters.
    """
    client.meta.events.register(
        f"before-parse.{client.meta.service_model.service_name}", take_as_it_is
    )
    # Without a rule set botocore calls the endpoint that it worked out when the client was made;
    # the rules know nothing better for a region's tables and queues.
    client._ruleset_resolver = None  # noqa: SLF001 - the least that does it; a test compares requests
    client._endpoint.create_request = SignedRequests(client)  # noqa: SLF001 - as above
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
        return {
            "url_path": "/",
            "query_string": "",
            "method": "POST",
            "headers": {
                "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
                "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
            },
            "body": json.dumps(parameters, separators=(",", ":")).encode(),
        }


class SignedRequests:
    """Makes of botocore's description of a request the one that is sent, signed; once an attempt.

    The event ``request-created`` is not emitted: its handlers sign, and say how often it was tried.
    """

    def __init__(self, client: Any) -> None:
        self._credentials = client._request_signer._credentials  # noqa: SLF001 - as above
        self._signer = Signer(
            service=client.meta.service_model.signing_name,
            region=client.meta.region_name,
            host=urlsplit(client.meta.endpoint_url).netloc,
        )

    def __call__(self, request: Mapping[str, Any], _operation_model: Any) -> AWSPreparedRequest:
        """Raises NoCredentialsError where there are none in the environment."""
        if self._credentials is None:
            raise NoCredentialsError
        body: bytes = request["body"]
        signed = self._signer.sign(
            request["headers"], body, self._credentials.get_frozen_credentials(), datetime.now(UTC)
        )
        signed["Content-Length"] = str(len(body))
        headers: Any = HeadersDict(signed)  # what botocore gives it, whatever its stubs say
        return AWSPreparedRequest(
            request["method"], request["url"], headers, body, stream_output=False
        )


def take_as_it_is(**parsing: Any) -> None:
    """The answer's JSON is what the client gives: binary values, which we never store, are none.

    Errors are left to botocore.
    """
    response = parsing["response_dict"]
    if response["status_code"] < HTTPStatus.MULTIPLE_CHOICES:
        try:
            answer = json.loads(response["body"] or b"{}")
        except ValueError as error:
            raise ResponseParserError(f"the answer is not JSON: {error}") from error
        parsing["customized_response_dict"].update(answer)
        response["body"] = b"{}"
