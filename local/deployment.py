"""The real `sam build` and `sam deploy`, pointed at the emulator."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local.aws import session
from local.options import REGION, ROOT, STACK, LocalError, Options
from local.progress import run

SAM = ROOT / ".local" / "venvs" / "sam" / "bin"
BUILD = ROOT / ".local" / "build"
BUCKET = "hookline-local-artifacts"
PARAMETERS = (
    "Stage=local",
    "Emulated=true",
    "AllowHttp=true",
    # Both, as many machines take `localhost` for both: every address of a host must be allowed.
    "AllowedNetworks=127.0.0.0/8,::1/128",
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """What the stack's outputs lead to."""

    http_api_id: str
    root_key: str
    """`hl_root_…`, a global admin's key."""


@contextmanager
def turn() -> Iterator[None]:
    """Waits until no other run builds or deploys: sam's folders hold one build at a time."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(options: Options) -> None:
    """Builds layers and functions for this machine; what has not changed is not built again.

    Raises:
        LocalError: `sam build` failed.
    """
    env = dict(os.environ) | {
        "HOOKLINE_BUILD_FOR": "host",
        "PATH": f"{SAM}:{os.environ['PATH']}",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
    }
    command = [str(SAM / "sam"), "build", "--cached", "--parallel"]
    command += ["--build-dir", str(BUILD / "artifacts"), "--cache-dir", str(BUILD / "cache")]
    run(
        command,
        env,
        options.logs / "build.log",
        "Fix what it names, or `rm -r .local/build` to build everything anew.",
    )


def deploy(options: Options, artifacts: Path = BUILD / "artifacts") -> Deployed:
    """Deploys what was built into the running emulator; over a stack that is up, it upgrades it.

    Args:
        options: of the run whose emulator is up.
        artifacts: what `sam build` made.

    Raises:
        LocalError: `sam deploy` failed, or the stack lacks an output.
    """
    aws = session()
    s3 = aws.client("s3", endpoint_url=options.aws_endpoint)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    # samconfig.toml has no such section: what it says is for the cloud.
    command = [str(SAM / "sam"), "deploy", "--config-env", "local"]
    command += ["--template-file", str(artifacts / "template.yaml")]
    command += ["--stack-name", STACK, "--s3-bucket", BUCKET, "--capabilities", "CAPABILITY_IAM"]
    command += ["--no-confirm-changeset", "--no-progressbar"]
    command += ["--parameter-overrides", *PARAMETERS, *options.parameters]
    run(
        command,
        options.aws_env(),
        options.logs / "deploy.log",
        "It names the resource that the emulator refused.",
    )
    described = aws.client("cloudformation", endpoint_url=options.aws_endpoint).describe_stacks(
        StackName=STACK
    )
    outputs = {
        output.get("OutputKey"): output.get("OutputValue", "")
        for output in described["Stacks"][0].get("Outputs", [])
    }
    try:
        api_id, secret_name = outputs["HttpApiId"], outputs["RootKeySecretName"]
    except KeyError as missing:
        raise LocalError(
            f"the stack has no output {missing}", "template.yaml must name it under Outputs."
        ) from missing
    secrets = aws.client("secretsmanager", endpoint_url=options.aws_endpoint)
    secret = secrets.get_secret_value(SecretId=secret_name)["SecretString"]
    return Deployed(http_api_id=api_id, root_key=f"hl_root_{secret}")
