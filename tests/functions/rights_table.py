"""Every route by every kind of caller: the statuses, as a table, and the page rendered from it.

python -m tests.functions.rights_table > docs/rights.md
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CALLERS: Mapping[str, str] = {
    "global": "a global admin, or the root key",
    "t-admin": "the level admin in the tenant",
    "t-write": "the level write in the tenant",
    "t-read": "the level read in the tenant",
    "d-admin": "only the default level admin for webhooks",
    "d-write": "only the default level write for webhooks",
    "d-read": "only the default level read for webhooks",
    "w-admin": "only the level admin on this webhook",
    "w-write": "only the level write on this webhook",
    "w-read": "only the level read on this webhook",
    "w-other": "only the level admin on another webhook of the tenant",
    "none": "a principal of the tenant without any level",
    "foreign": "the level admin in another tenant",
}
"""The columns: who asks about things of one tenant."""

# operation (what is special about the request), in the order of the callers above
TABLE = """
                                      global t-admin t-write t-read d-admin d-write d-read w-admin w-write w-read w-other none foreign
get_me                                 200    200    200    200    200    200    200    200    200    200    200    200    200
list_tenants                           200     403     403    403     403     403    403     403     403    403     403   403    403
get_health_(deep)                      200     403     403    403     403     403    403     403     403    403     403   403    403
get_operations                         200     403     403    403     403     403    403     403     403    403     403   403    403
create_tenant                          201     403     403    403     403     403    403     403     403    403     403   403    403
get_tenant                             200     403     403    403     403     403    403     403     403    403     403   404    404
patch_tenant                           200     403     403    403     403     403    403     403     403    403     403   404    404
delete_tenant                          204     403     403    403     403     403    403     403     403    403     403   404    404
list_principals                        200     200     403    403     403     403    403     403     403    403     403   404    404
create_principal                       201     201     403    403     403     403    403     403     403    403     403   404    404
create_principal_(a_global_admin)        201     403     403    403     403     403    403     403     403    403     403   404    404
get_principal                          200     200     403    403     403     403    403     403     403    403     403   404    404
patch_principal                        200     200     403    403     403     403    403     403     403    403     403   404    404
patch_principal_(to_a_global_admin)      200     403     403    403     403     403    403     403     403    403     403   404    404
patch_principal_(of_a_global_admin)      200     403     403    403     403     403    403     403     403    403     403   404    404
delete_principal                       204     204     403    403     403     403    403     403     403    403     403   404    404
delete_principal_(of_a_global_admin)     204     403     403    403     403     403    403     403     403    403     403   404    404
list_keys                              200     200     403    403     403     403    403     403     403    403     403   404    404
create_key                             201     201     403    403     403     403    403     403     403    403     403   404    404
create_key_(of_a_global_admin)           201     403     403    403     403     403    403     403     403    403     403   404    404
get_key                                200     200     403    403     403     403    403     403     403    403     403   404    404
delete_key                             204     204     403    403     403     403    403     403     403    403     403   404    404
delete_key_(of_a_global_admin)           204     403     403    403     403     403    403     403     403    403     403   404    404
create_session                         201    201    403    403    403    403    403    403    403    403    403    404    404
create_session_(of_a_global_admin)     201    403    403    403    403    403    403    403    403    403    403    404    404
delete_sessions                        204    204    403    403    403    403    403    403    403    403    403    404    404
list_event_types                       200     200     200    200     403     403    403     403     403    403     403   404    404
get_event_type                         200     200     200    200     403     403    403     403     403    403     403   404    404
put_event_type                         200     200     200    403     403     403    403     403     403    403     403   404    404
patch_event_type                       200     200     200    403     403     403    403     403     403    403     403   404    404
delete_event_type                      204     204     403    403     403     403    403     403     403    403     403   404    404
list_webhooks                          200     200     200    200     200     200    200     200     200    200     200   404    404
create_webhook                         201     201     201    403     403     403    403     403     403    403     403   404    404
create_webhook_(a_global_one)          201     201     403    403     403     403    403     403     403    403     403   404    404
get_webhook                            200     200     200    200     200     200    200     200     200    200     404   404    404
patch_webhook                          200     200     200    403     200     200    403     200     200    403     404   404    404
patch_webhook_(to_a_global_scope)        200     200     403    403     403     403    403     403     403    403     404   404    404
patch_webhook_(to_hear_more)           200    200    200    403    403    403    403    403    403    403    404    404    404
patch_webhook_(to_another_origin)      200    200    403    403    200    403    403    200    403    403    404    404    404
patch_webhook_(there_with_a_new_secret) 200    200    200    403    200    200    403    200    200    403    404    404    404
patch_webhook_(its_secret)             200     200     403    403     200     403    403     200     403    403     404   404    404
delete_webhook                         204     204     403    403     204     403    403     204     403    403     404   404    404
get_webhook_secret                     200     200     403    403     200     403    403     200     403    403     404   404    404
rotate_webhook_secret                  200     200     403    403     200     403    403     200     403    403     404   404    404
list_rights                            200     200     403    403     200     403    403     200     403    403     404   404    404
get_right                              200     200     403    403     200     403    403     200     403    403     404   404    404
put_right                              204     204     403    403     204     403    403     204     403    403     404   404    404
delete_right                           204     204     403    403     204     403    403     204     403    403     404   404    404
get_webhook_stats                      200     200     200    200     200     200    200     200     200    200     404   404    404
list_recover_jobs                      200     200     200    200     200     200    200     200     200    200     404   404    404
test_webhook                           202     202     202    403     202     202    403     202     202    403     404   404    404
test_webhook_(with_data_of_one's_own)  202    202    202    403    403    403    403    403    403    403    404    404    404
send_event                             202    202    202    403    403    403    403    403    403    403    404    404    404
recover_webhook                        202     202     202    403     202     202    403     202     202    403     404   404    404
recover_webhook_(a_dry_run)            200     200     200    403     200     200    403     200     200    403     404   404    404
get_recover_job                        200     200     200    200     200     200    200     200     200    200     404   404    404
cancel_recover_job                     200     200     200    403     200     200    403     200     200    403     404   404    404
list_tenant_deliveries                 200    200    200    200    200    200    200    200    200    200    200    404    404
list_deliveries                        200     200     200    200     200     200    200     200     200    200     404   404    404
get_delivery                           200     200     200    200     200     200    200     200     200    200     404   404    404
retry_delivery                         202     202     202    403     202     202    403     202     202    403     404   404    404
cancel_delivery                        200     200     200    403     200     200    403     200     200    403     404   404    404
preview_template                       200     200     200    200     403     403    403     403     403    403     403   404    404
publish_event                          202     202     202    403     403     403    403     403     403    403     403   404    404
publish_batch                          200     200     200    403     403     403    403     403     403    403     403   404    404
dry_run_event                          200     200     200    200     403     403    403     403     403    403     403   404    404
list_events                            200     200     200    200     403     403    403     403     403    403     403   404    404
get_tenant_stats                       200     200     200    200     403     403    403     403     403    403     403   404    404
get_event                              200     200     200    200     403     403    403     403     403    403     403   404    404
explain_event                          200    200    200    200    200    200    200    200    200    200    200    404    404
list_event_deliveries                  200     200     200    200     403     403    403     403     403    403     403   404    404
list_inbound_providers                 200     200     403    403     403     403    403     403     403    403     403   404    404
create_inbound_provider                201     201     403    403     403     403    403     403     403    403     403   404    404
reorder_inbound_providers              200     200     403    403     403     403    403     403     403    403     403   404    404
get_inbound_provider                   200     200     403    403     403     403    403     403     403    403     403   404    404
patch_inbound_provider                 200     200     403    403     403     403    403     403     403    403     403   404    404
delete_inbound_provider                204     204     403    403     403     403    403     403     403    403     403   404    404
list_inbound_functions                 200     200     403    403     403     403    403     403     403    403     403   404    404
create_inbound_function                201     201     403    403     403     403    403     403     403    403     403   404    404
get_inbound_function                   200     200     403    403     403     403    403     403     403    403     403   404    404
patch_inbound_function                 200     200     403    403     403     403    403     403     403    403     403   404    404
delete_inbound_function                204     204     403    403     403     403    403     403     403    403     403   404    404
list_inbound_messages                  200     200     200    200     403     403    403     403     403    403     403   404    404
get_inbound_message                    200     200     200    200     403     403    403     403     403    403     403   404    404
resubmit_inbound_message               202     202     202    403     403     403    403     403     403    403     403   404    404
resubmit_inbound_messages              202     202     202    403     403     403    403     403     403    403     403   404    404
"""  # noqa: E501 - a table reads by its columns


@dataclass(frozen=True, slots=True)
class Line:
    """One request: an operation of the OpenAPI document, and what is special about it."""

    operation: str
    special: str
    statuses: Mapping[str, int]

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.operation}_({self.special})" if self.special else self.operation


def lines() -> Sequence[Line]:
    """The table, read."""
    head, *rest = TABLE.strip("\n").splitlines()
    if head.split() != list(CALLERS):
        raise ValueError("the table's head does not name the callers")
    return [_line(row.split()) for row in rest]


def _line(cells: Sequence[str]) -> Line:
    name, *statuses = cells
    operation, _, special = name.partition("_(")
    by_caller = dict(zip(CALLERS, map(int, statuses), strict=True))
    return Line(operation, special.rstrip(")"), by_caller)


def page() -> str:
    """docs/rights.md."""
    legend = "\n".join(f"| {name} | {what} |" for name, what in CALLERS.items())
    rows = "\n".join(
        "| "
        + " | ".join([f"`{each.operation}` {each.special.replace('_', ' ')}".strip()])
        + " | "
        + " | ".join(_mark(status) for status in each.statuses.values())
        + " |"
        for each in lines()
    )
    return _PAGE.format(
        legend=legend, head=" | ".join(CALLERS), rule="|---" * len(CALLERS), rows=rows
    )


def _mark(status: int) -> str:
    return f"**{status}**" if status < 400 else str(status)


_PAGE = """# Who may do what

Rendered from the table that the tests hold the API to: change `tests/functions/rights_table.py`.
[security.md](security.md) says how callers prove who they are.

## The rules

A principal belongs to one tenant. It has there, each of them optional, a **level** (`read`,
`write`, `admin`), a **default level** for webhooks, and levels on **single webhooks**; or it is a
**global admin**. On a webhook counts, first match wins:

1. global admin, or the level admin in the tenant: admin;
2. its own level on that webhook, which may also be lower than what follows;
3. its default level for webhooks;
4. its level in the tenant.

Any of them makes the tenant visible. On a webhook, read sees it, its log and its statistics; write
edits it, tests it, recovers, retries and cancels; admin deletes it, reads and rotates its secret
and manages its rights. Creating a webhook takes write in the tenant and makes its creator its
admin; one for all projects and entities (a global scope) takes admin in the tenant. Editing a
webhook so that it may hear more than before (further events, a wider scope, another filter, context
or user, an entity that was left out) takes what creating it so would. A url of another origin takes
the right to read the signing secret, or a new secret in the same change. A test with a type or data
of one's own takes the right to publish. Only global admins make, change or remove global admins and
their keys. A session is its principal, with its rights of the moment, but makes no keys and no
sessions.

What the caller may not see answers 404, byte for byte as what does not exist; where the tenant or
the webhook is visible and only the right is missing, the answer is 403. Lists hold what the caller
may see. What is granted works at once; what is taken away stops working within 60 seconds.

## The callers

| caller | has |
|---|---|
{legend}

## The table

| operation | {head} |
|---{rule}|
{rows}

Without a valid key every operation answers 401, in the same words for no key, an unknown, a wrong,
an expired and a revoked one; but for `get_health` and `get_openapi_document`,
which need none. All but global admins get 404 from every other tenant, existing or not; global
admins from one that does not exist. Another tenant's id answers as one that does not exist.
"""


if __name__ == "__main__":
    sys.stdout.write(page())
