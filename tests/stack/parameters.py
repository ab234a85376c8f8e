"""Each parameter of the template with values that are good and values that are not.

``python -m tests.stack.parameters > docs/parameters.md`` renders the page from them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.worlds.template import defaults, template

_A_UUID = "0b8d1c8e-3f1a-4d5e-9c57-2f6f3b1f9a10"
_A_CERTIFICATE = f"arn:aws:acm:eu-west-1:123456789012:certificate/{_A_UUID}"
_A_DOMAIN = {"DomainName": "hooks.example.com"}

GOOD: Mapping[str, Sequence[str]] = {
    "Stage": ("dev", "prod-eu-1"),
    "HeaderPrefix": ("X-Hookline", "Acme", "Webhooks"),
    "AllowHttp": ("true", "false"),
    "AllowedNetworks": ("", "10.0.0.0/8", "10.0.0.5/8", "127.0.0.0/8,::1/128", "fd00::/8"),
    "EventRetentionDays": ("15", "30.5", "365"),
    "LogRetentionDays": ("1", "1827"),
    "LogLevel": ("DEBUG", "ERROR"),
    "SuccessLog": ("each", "batch"),
    "ParkingCeilingSeconds": ("30", "43200"),
    "SenderConcurrency": ("20", "256"),
    "SenderMaximumConcurrency": ("2", "1000"),
    "ThrottlingRatePerSecond": ("1", "10000"),
    "ThrottlingBurst": ("1", "5000"),
    "PublishQuotaPerSecond": ("1", "1.5", "100000"),
    "KeyShards": ("1", "1,4@2026-12-01T12:00Z", "1,4@2026-12-01T12:00Z,64@2027-01-31T00:30Z"),
    "WebhooksPerTenant": ("1", "1000000"),
    "InboundQuotaPerSecond": ("1", "1000"),
    "InboundBytesPerSecond": ("300000", "50000000"),
    "EventsCapacity": ("0", "100", "40000"),
    "FanOutsCapacity": ("0", "100", "40000"),
    "DeliveriesCapacity": ("0", "100", "40000"),
    "LeastCapacity": ("1", "100"),
    "MostCapacity": ("1", "1000"),
    "OidcIssuer": ("", "https://issuer.example.com/pool", "https://localhost:8443"),
    "OidcAudience": ("", "hookline", "api://hookline"),
    "OidcClientId": ("", "0oa1b2c3"),
    "ConsoleFrameAncestors": (
        "",
        "https://portal.example.com",
        "https://a.example,https://b.example",
    ),
    "InvokeFunctionArns": (
        "",
        "arn:aws:lambda:eu-west-1:123456789012:function:mine",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:a:live",
    ),
    "AlarmEmail": ("", "ops@example.com"),
    "Monitoring": ("full", "lean"),
    "DeletionProtection": ("false", "true"),
    "PermissionsBoundaryArn": ("", "arn:aws:iam::123456789012:policy/teams/boundary"),
    "DomainName": ("", "hooks.example.com"),
    "CertificateArn": ("", _A_CERTIFICATE),
    "HostedZoneId": ("", "Z2FDTNDATAQYW2"),
    "ExecuteApiEndpoint": ("true", "false"),
    "ApiFunctionUrl": ("false", "true"),
    "VpcSubnetIds": ("", "subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718,subnet-1a1b2c3d4e5f60718"),
    "VpcSecurityGroupIds": ("", "sg-0a1b2c3d4e5f60718"),
    "SourceAddresses": ("", "203.0.113.7", "203.0.113.7,198.51.100.20"),
    "ApiReservedConcurrency": ("0", "20"),
    "FanoutReservedConcurrency": ("0", "20"),
    "SenderReservedConcurrency": ("0", "200"),
    "InboundReservedConcurrency": ("0", "20"),
    "XRay": ("true", "false"),
    "Emulated": ("true", "false"),
}

BAD: Mapping[str, Sequence[str]] = {
    "Stage": ("", "Prod", "1st", "a-name-that-is-too-long", "dev-inbound"),
    "HeaderPrefix": ("", "X_Hookline", "-X", "webhook", "Webhook", "X Hookline", "x" * 41),
    "AllowHttp": ("yes", "True", ""),
    "AllowedNetworks": ("10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "fd00::/129", "any", "::g/8"),
    "EventRetentionDays": ("14", "366", "a month", ""),
    "LogRetentionDays": ("2", "forever"),
    "LogLevel": ("info", "TRACE"),
    "SuccessLog": ("none", "Batch"),
    "ParkingCeilingSeconds": ("29", "43201"),
    "SenderConcurrency": ("19", "257"),
    "SenderMaximumConcurrency": ("1", "1001"),
    "ThrottlingRatePerSecond": ("0",),
    "ThrottlingBurst": ("0",),
    "PublishQuotaPerSecond": ("0", "-1", "many"),
    "KeyShards": (
        "",
        "4",
        "4@2026-12-01T12:00Z",
        "1,0@2026-12-01T12:00Z",
        "1,65@2026-12-01T12:00Z",
        "1,4@2026-12-01",
        "1,4@2026-12-01T12:00",
        "1, 4@2026-12-01T12:00Z",
    ),
    "WebhooksPerTenant": ("0", "1000001", "many"),
    "InboundQuotaPerSecond": ("0",),
    "InboundBytesPerSecond": ("1000",),
    "EventsCapacity": ("-1", "40001"),
    "FanOutsCapacity": ("-1", "40001"),
    "DeliveriesCapacity": ("-1", "40001"),
    "LeastCapacity": ("0", "40001"),
    "MostCapacity": ("0", "40001"),
    "OidcIssuer": (
        "http://issuer.example.com",
        "issuer.example.com",
        "https://a b",
        "https://u@h/",
    ),
    "OidcAudience": ("two words",),
    "OidcClientId": ("two words",),
    "ConsoleFrameAncestors": ("portal.example.com", "'self'", "https://a.example/path"),
    "InvokeFunctionArns": (
        "mine",
        "arn:aws:lambda:eu-west-1:1:function:mine",
        "arn:aws:s3:::bucket",
    ),
    "AlarmEmail": ("ops", "ops@localhost", "two@a.example three@a.example"),
    "Monitoring": ("off", "Full", ""),
    "DeletionProtection": ("on",),
    "PermissionsBoundaryArn": ("boundary", "arn:aws:iam::123456789012:role/boundary"),
    "DomainName": ("https://hooks.example.com", "Hooks.example.com", "localhost", "a..example"),
    "CertificateArn": (_A_UUID, f"arn:aws:iam::123456789012:server-certificate/{_A_UUID}"),
    "HostedZoneId": ("example.com", "/hostedzone/Z2FDTNDATAQYW2"),
    "ExecuteApiEndpoint": ("no",),
    "ApiFunctionUrl": ("yes", ""),
    "VpcSubnetIds": ("vpc-0a1b2c3d", "subnet-0a1b2c3d subnet-1a1b2c3d", "subnet-0a1b2c3d,"),
    "VpcSecurityGroupIds": ("default", ",".join(f"sg-{n}a1b2c3d" for n in range(6))),
    "SourceAddresses": ("203.0.113.256", "203.0.113.0/24", "nat.example.com"),
    "ApiReservedConcurrency": ("-1", "all"),
    "FanoutReservedConcurrency": ("-1",),
    "SenderReservedConcurrency": ("-1", "10001"),
    "InboundReservedConcurrency": ("-1",),
    "XRay": ("on",),
    "Emulated": ("no",),
}

NOT_ALONE: Sequence[Mapping[str, str]] = (
    {"OidcIssuer": "https://issuer.example.com"},
    {"OidcAudience": "hookline"},
    {"OidcClientId": "0oa1b2c3"},
    {"OidcClientId": "0oa1b2c3", "OidcAudience": "hookline"},
    {"DomainName": "hooks.example.com"},
    {"CertificateArn": _A_CERTIFICATE},
    {"HostedZoneId": "Z2FDTNDATAQYW2"},
    {"ExecuteApiEndpoint": "false"},
    {"ApiFunctionUrl": "true"},
    {"VpcSubnetIds": "subnet-0a1b2c3d"},
    {"VpcSecurityGroupIds": "sg-0a1b2c3d"},
    {"SourceAddresses": "203.0.113.7"},
)
"""Good ones that the rules refuse together with the defaults of all others."""

WITH: Mapping[str, Mapping[str, str]] = {
    "OidcIssuer": {"OidcAudience": "hookline"},
    "OidcAudience": {"OidcIssuer": "https://issuer.example.com"},
    "OidcClientId": {"OidcIssuer": "https://issuer.example.com", "OidcAudience": "hookline"},
    "DomainName": {"CertificateArn": _A_CERTIFICATE},
    "CertificateArn": _A_DOMAIN,
    "HostedZoneId": {**_A_DOMAIN, "CertificateArn": _A_CERTIFICATE},
    "ExecuteApiEndpoint": {**_A_DOMAIN, "CertificateArn": _A_CERTIFICATE},
    "ApiFunctionUrl": {"ApiReservedConcurrency": "20"},
    "VpcSubnetIds": {"VpcSecurityGroupIds": "sg-0a1b2c3d"},
    "VpcSecurityGroupIds": {"VpcSubnetIds": "subnet-0a1b2c3d"},
    "SourceAddresses": {
        "VpcSubnetIds": "subnet-0a1b2c3d",
        "VpcSecurityGroupIds": "sg-0a1b2c3d",
    },
}
"""What a parameter that is set needs beside it."""


def refused(given: Mapping[str, str]) -> list[str]:
    """Why CloudFormation refuses these values, before it changes anything, if it does.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    values = {**defaults(), **given}
    reasons = [
        f"{name}: {why}"
        for name, text in values.items()
        for why in _against(template()["Parameters"][name], text)
    ]
    for rule in template()["Rules"].values():
        if holds(rule["RuleCondition"], values):
            reasons += [
                each["AssertDescription"]
                for each in rule["Assertions"]
                if not holds(each["Assert"], values)
            ]
    return reasons


def _against(parameter: Mapping[str, Any], text: str) -> list[str]:
    why = parameter.get("ConstraintDescription", "")
    if "AllowedValues" in parameter and text not in map(str, parameter["AllowedValues"]):
        return [why or f"one of {', '.join(map(str, parameter['AllowedValues']))}"]
    if parameter["Type"] == "Number":
        return _against_number(parameter, text)
    parts = text.split(",") if parameter["Type"] == "CommaDelimitedList" else [text]
    pattern = parameter.get("AllowedPattern", "")
    if pattern and not all(re.fullmatch(pattern, part.strip()) for part in parts):
        return [why or f"as {pattern}"]
    return []


def _against_number(parameter: Mapping[str, Any], text: str) -> list[str]:
    try:
        number = float(text)
    except ValueError:
        return ["a number"]
    low, high = parameter.get("MinValue", number), parameter.get("MaxValue", number)
    return [] if low <= number <= high else [_range(parameter)]


def _range(parameter: Mapping[str, Any]) -> str:
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    return f"from {low} on" if high is None else f"{low} to {high}"


def holds(condition: Any, values: Mapping[str, str]) -> bool:
    """Whether a condition that compares a parameter with a text does."""
    match condition:
        case {"Fn::Not": [inner]}:
            return not holds(inner, values)
        case {"Fn::Equals": [{"Ref": name}, text]}:
            return bool(values[name] == text)
    raise ValueError(f"no condition that is known here: {condition}")


def page() -> str:
    """docs/parameters.md."""
    rows = "".join(map(_row, template()["Parameters"]))
    rules = "".join(
        f"- {each['AssertDescription']}.\n"
        for rule in template()["Rules"].values()
        for each in rule["Assertions"]
    )
    return _PAGE.format(rows=rows, rules=rules)


def _row(name: str) -> str:
    parameter = template()["Parameters"][name]
    what = " ".join(parameter["Description"].split())
    bad = BAD[name][-1] if BAD[name][0] == "" else BAD[name][0]
    (why,) = _against(parameter, bad)
    cells = (
        f"`{name}`",
        what,
        _shown(str(parameter["Default"])),
        _shown(GOOD[name][-1]),
        f"{_shown(bad)}: {why}",
    )
    return f"| {' | '.join(cells)} |\n"


def _shown(value: str) -> str:
    return f"`{value}`" if value else "empty"


_PAGE = """# The stack's parameters

Rendered from the template and from the values that the tests try (`tests/stack/parameters.py`). Set
them in `samconfig.toml` (`parameter_overrides`) or at `sam deploy --guided`. A value against its
rule is refused by CloudFormation with the text in the last column, before anything has changed.

| parameter | what it says | default | another | refused, and why |
|---|---|---|---|---|
{rows}
Together:

{rules}"""


if __name__ == "__main__":
    sys.stdout.write(page())
