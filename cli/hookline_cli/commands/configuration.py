"""apply, export: a tenant's configuration as a file."""

from __future__ import annotations

from typing import Any

import click
import yaml

from hookline_cli import plan
from hookline_cli.errors import CliError, Exit, UsageError
from hookline_cli.session import Command, Session, pass_session
from hookline_cli.standing import Standing, exported
from hookline_cli.values import document, printable

_SIGNS = {"create": ("+", "green"), "change": ("~", "yellow"), "delete": ("-", "red")}


@click.command(cls=Command)
@click.option("-f", "--file", required=True, metavar="FILE", help="YAML or JSON, - for stdin.")
@click.option("--dry-run", is_flag=True, help="Show what differs, change nothing: 3 where it does.")
@click.option("--prune", is_flag=True, help="Delete what the file does not name.")
@click.option("--secrets", is_flag=True, help="Send the secrets again that {env: NAME} stands for.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@pass_session
def apply(
    session: Session, file: str, dry_run: bool, prune: bool, secrets: bool, yes: bool
) -> Exit:
    """Make a tenant's webhooks, event types, providers and functions what a file says.

    Shows the plan, asks, and does it. A second time there is nothing to do. What the file does not
    say of a thing stays as it is.
    """
    standing = Standing(session.client)
    things = plan.read(document(file), standing)
    found = list(plan.steps(things, standing, prune=prune, secrets=secrets))
    order = _order(things, standing)
    _print_plan(session, found, order)
    if dry_run or not (found or order):
        if session.as_json:
            session.show([step.document() for step in found])
        return Exit.DRIFT if found or order else Exit.DONE
    environ = session.world.environ
    missing = sorted({name for step in found for name in plan.unset(step, environ)})
    if missing:
        raise UsageError(f"these hold secrets and are not set: {', '.join(missing)}")
    if not yes:
        click.confirm("Do it?", abort=True, err=True)
    results = [_do(session, step, standing) for step in found]
    if order:
        _reorder(session, order)
    if session.as_json:
        session.show(results)
    return Exit.DONE if all(each["ok"] for each in results) else Exit.NO


@click.command(cls=Command)
@click.option("-o", "--output", type=click.File("w"), default="-", metavar="FILE")
@pass_session
def export(session: Session, output: Any) -> None:
    """Write a tenant's configuration as a file that `apply` takes.

    No secret is written: where there is one, the file names a variable. A webhook's signing secret
    is left out, for a new one to be made.
    """
    said = exported(Standing(session.client))
    if session.as_json:
        session.show(said)
    else:
        yaml.safe_dump(said, output, sort_keys=False, allow_unicode=True, width=100)


def _do(session: Session, step: plan.Step, standing: Standing) -> dict[str, Any]:
    """One step. What is refused is said, and stops no other."""
    result = {"action": step.action, "kind": step.kind.name, "name": step.name, "ok": True}
    try:
        made = _sent(session, step, standing)
    except CliError as failure:
        session.note(f"hookline: {step.kind.name} {printable(step.name)}: {printable(failure)}")
        return result | {"ok": False, "problem": failure.document()}
    for warning in (made or {}).get("warnings", ()):
        session.note(f"{step.kind.name} {step.name}: {warning['field']}: {warning['message']}")
    if step.action == "create" and step.kind.name == "webhooks" and "secret" not in step.wanted:
        session.note(f"{step.name}: its signing secret: hookline webhooks secret '{step.name}'")
    return result


def _sent(session: Session, step: plan.Step, standing: Standing) -> Any:
    client, kind = session.client, step.kind
    version = step.stands.get("version")
    if step.action == "delete":
        return client.delete(kind.at(step.stands), version)
    body = plan.body(step, standing, client, session.world.environ)
    if step.action == "change":
        return client.patch(kind.at(step.stands), body, version)
    if kind.key == "type":
        return client.put(kind.at({"type": step.name}), body)
    return client.post(kind.path, body)


def _order(things: dict[str, list[dict[str, Any]]], standing: Standing) -> list[str]:
    """The providers of the file in its order, where the tenant tries them in another one."""
    wanted = [each["name"] for each in things["providers"]]
    now = [name for name in standing.providers if name in wanted]
    made = [name for name in wanted if name not in now]
    # New ones come last by themselves.
    return wanted if wanted != now + made else []


def _reorder(session: Session, order: list[str]) -> None:
    listed = list(session.client.items("/inbound/providers"))
    ids = {each["name"]: each["id"] for each in listed}
    mine = iter([ids[name] for name in order if name in ids])
    # Those that the file does not name keep their places.
    places = [next(mine) if each["name"] in order else each["id"] for each in listed]
    session.client.post("/inbound/providers/reorder", {"ids": places})


def _print_plan(session: Session, found: list[plan.Step], order: list[str]) -> None:
    if session.as_json:
        return
    for step in found:
        sign, style = _SIGNS[step.action]
        session.console.print(f"{sign} {step.kind.name} {printable(step.name)}", style=style)
        for each in step.differences:
            words = f"    {each.path}: {_brief(each.now)} -> {_brief(each.wanted)}"
            session.console.print(printable(words))
    if order:
        session.console.print(
            f"~ providers are tried in the order {', '.join(order)}", style="yellow"
        )
    counts = {action: sum(step.action == action for step in found) for action in _SIGNS}
    session.console.print(
        f"{counts['create']} to create, {counts['change']} to change, {counts['delete']} to delete."
        if found or order
        else "Nothing to do: all is as the file says."
    )


def _brief(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
