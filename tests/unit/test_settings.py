from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network

import pytest

from hookline.errors import SettingsError
from hookline_fanout.settings import FanoutSettings
from hookline_sender.settings import SenderSettings

SENDER = {
    **{field.name.upper(): f"the {field.name}" for field in fields(SenderSettings)},
    "RETENTION_DAYS": "30",
    "PARKING_CEILING_SECONDS": "900",
    "SENDER_CONCURRENCY": "10",
    "SENDER_MAXIMUM_CONCURRENCY": "100",
    "ALLOW_HTTP": "false",
    "METRICS": "true",
    "ALLOWED_NETWORKS": "",
    "KEY_SHARDS": "1",
}


def test_each_variable_becomes_the_value_it_stands_for() -> None:
    networks = "127.0.0.0/8, fd00::/8"
    settings = SenderSettings.from_env(
        SENDER | {"ALLOW_HTTP": "true", "ALLOWED_NETWORKS": networks}
    )
    assert settings.webhooks_table == "the webhooks_table"
    assert settings.allow_http is True
    assert settings.allowed_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.retention == timedelta(days=30)
    assert settings.parking_ceiling == timedelta(minutes=15)
    assert settings.sender_concurrency == 10


def test_an_empty_list_is_empty() -> None:
    assert SenderSettings.from_env(SENDER).allowed_networks == ()


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        FanoutSettings.from_env({"STAGE": "dev"})
    for field in fields(FanoutSettings):
        assert (f"{field.name.upper()} is not set" in str(error.value)) == (field.name != "stage")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOW_HTTP", "yes"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "a month"),
        ("WEBHOOKS_TABLE", ""),
        ("ALLOWED_NETWORKS", "127.0.0.1/33"),
        ("KEY_SHARDS", "4"),
        ("KEY_SHARDS", "1,65@2026-12-01T12:00Z"),
        ("KEY_SHARDS", "1,4@2026-12-01T12:00Z,8@2026-12-01T12:00Z"),
    ],
)
def test_a_malformed_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        SenderSettings.from_env(SENDER | {name: value})
