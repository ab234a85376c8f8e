"""What the dependencies layer leaves of botocore: as good for our services, and quick to read."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver
from botocore.session import Session

WHOLE = Path(botocore.__file__).parent / "data"
TRIM = Path(__file__).parents[2] / "layers" / "dependencies" / "trim.py"
SERVICES = ("cloudwatch", "dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "sts")
OTHERS = ("polly", "sns")


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """botocore's data as it ships."""
    root = tmp_path_factory.mktemp("layer")
    data = root / "botocore" / "data"
    for service in (*SERVICES, *OTHERS):
        shutil.copytree(WHOLE / service, data / service)
    for shared in WHOLE.glob("*.json"):
        shutil.copy(shared, data)
    (root / "boto3" / "data").mkdir(parents=True)
    subprocess.run([sys.executable, TRIM, root], check=True, stdout=subprocess.DEVNULL)
    return data


def test_our_services_are_left_and_no_others(trimmed: Path) -> None:
    assert {each.name for each in trimmed.iterdir() if each.is_dir()} == set(SERVICES)


def test_the_endpoints_of_our_services_are_where_they_were_in_every_region(trimmed: Path) -> None:
    before, after = (
        json.loads((data / "endpoints.json").read_bytes()) for data in (WHOLE, trimmed)
    )
    regions = [name for partition in before["partitions"] for name in partition["regions"]]
    prefixes = {model(WHOLE, service).endpoint_prefix for service in SERVICES}
    for prefix in prefixes:
        for region in [*regions, "eu-nowhere-9"]:
            assert EndpointResolver(after).construct_endpoint(prefix, region) == EndpointResolver(
                before
            ).construct_endpoint(prefix, region)


@pytest.mark.parametrize("service", SERVICES)
def test_a_model_says_what_it_said_but_for_its_documentation(service: str, trimmed: Path) -> None:
    before, after = model(WHOLE, service), model(trimmed, service)
    assert after.metadata == before.metadata
    assert [shaped(after, name) for name in after.shape_names] == [
        shaped(before, name) for name in before.shape_names
    ]
    operations = [before.operation_model(name) for name in before.operation_names]
    for operation in operations:
        same = after.operation_model(operation.name)
        assert same.http == operation.http
        assert [each.name for each in same.error_shapes] == [
            each.name for each in operation.error_shapes
        ]
        assert operation.documentation
        assert not same.documentation


def test_a_call_of_each_service_is_made_from_what_is_left(trimmed: Path) -> None:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "cloudwatch": ("describe_alarms", {}),
        "dynamodb": ("list_tables", {}),
        "kms": ("encrypt", {"KeyId": "key", "Plaintext": b"x"}),
        "lambda": ("invoke", {"FunctionName": "f"}),
        "s3": ("put_object", {"Bucket": "bodies", "Key": "key", "Body": b"x"}),
        "secretsmanager": ("get_secret_value", {"SecretId": "s"}),
        "sqs": ("send_message", {"QueueUrl": "https://sqs.test/q", "MessageBody": "x"}),
        "sts": ("get_caller_identity", {}),
    }
    assert set(calls) == set(SERVICES)
    session = Session()
    loader = Loader(extra_search_paths=[str(trimmed)], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    sent: list[str] = []

    def kept(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise LookupError

    for service, (call, parameters) in calls.items():
        client = session.create_client(
            service, "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.meta.events.register_first("before-send", kept)
        with pytest.raises(LookupError):
            getattr(client, call)(**parameters)
    assert len(sent) == len(calls)


def test_what_every_cold_start_parses_is_small(trimmed: Path) -> None:
    assert (trimmed / "endpoints.json").stat().st_size < 64 * 1024
    assert (WHOLE / "endpoints.json").stat().st_size > 1024 * 1024


def model(data: Path, service: str) -> ServiceModel:
    newest = max((data / service).iterdir())
    described = gzip.decompress((newest / "service-2.json.gz").read_bytes())
    return ServiceModel(json.loads(described), service)


def shaped(of: ServiceModel, name: str) -> Any:
    shape = of.shape_for(name)
    members = getattr(shape, "members", {})
    return (
        (shape.name, shape.type_name, shape.serialization, shape.metadata),
        [(member, each.name, each.serialization) for member, each in members.items()],
    )
