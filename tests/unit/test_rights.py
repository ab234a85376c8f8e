"""Who may do what: every action by every kind of principal, and the rules of precedence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.identity.acts import NEEDS, Action, Level, OnWebhook, WebhookEdit, acts_of
from hookline.domain.identity.rights import (
    ROOT,
    Allowed,
    Credential,
    EffectiveLevel,
    Forbidden,
    Hidden,
    Principal,
    decide,
    effective_level,
    sees_tenant,
)
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from tests.builders import TENANT, WEBHOOK_ID, an_id

OTHER_TENANT = TenantId("globex")
OTHER_WEBHOOK = WebhookId(an_id("wh"))


def a_principal(**fields: object) -> Principal:
    someone = Principal(id=PrincipalId(an_id("prn")), tenant=TENANT, name="someone")
    return replace(someone, **fields)  # type: ignore[arg-type] # a builder takes any field


KINDS = {
    "global": a_principal(global_admin=True),
    "t-admin": a_principal(level=Level.ADMIN),
    "t-write": a_principal(level=Level.WRITE),
    "t-read": a_principal(level=Level.READ),
    "d-admin": a_principal(default_webhook_level=Level.ADMIN),
    "d-write": a_principal(default_webhook_level=Level.WRITE),
    "d-read": a_principal(default_webhook_level=Level.READ),
    "w-admin": a_principal(webhook_levels={WEBHOOK_ID: Level.ADMIN}),
    "w-write": a_principal(webhook_levels={WEBHOOK_ID: Level.WRITE}),
    "w-read": a_principal(webhook_levels={WEBHOOK_ID: Level.READ}),
    "w-other": a_principal(webhook_levels={OTHER_WEBHOOK: Level.ADMIN}),
    "none": a_principal(),
    "foreign": a_principal(tenant=OTHER_TENANT, level=Level.ADMIN),
}

# One line an action, one column a kind: + allowed, - forbidden, . hidden.
# All are asked about WEBHOOK_ID in TENANT; actions on the tenant alone name no webhook.
TABLE = """
                            global t-admin t-write t-read d-admin d-write d-read w-admin w-write w-read w-other none foreign
list_tenants                  +      -       -       -      -       -       -      -       -       -      -      .     .
create_tenant                 +      -       -       -      -       -       -      -       -       -      -      .     .
read_tenant                   +      -       -       -      -       -       -      -       -       -      -      .     .
update_tenant                 +      -       -       -      -       -       -      -       -       -      -      .     .
delete_tenant                 +      -       -       -      -       -       -      -       -       -      -      .     .
manage_global_admins          +      -       -       -      -       -       -      -       -       -      -      .     .
read_operations               +      -       -       -      -       -       -      -       -       -      -      .     .
read_principals               +      +       -       -      -       -       -      -       -       -      -      .     .
manage_principals             +      +       -       -      -       -       -      -       -       -      -      .     .
issue_credentials             +      +       -       -      -       -       -      -       -       -      -      .     .
read_event_types              +      +       +       +      -       -       -      -       -       -      -      .     .
save_event_type               +      +       +       -      -       -       -      -       -       -      -      .     .
delete_event_type             +      +       -       -      -       -       -      -       -       -      -      .     .
list_webhooks                 +      +       +       +      +       +       +      +       +       +      +      .     .
explain_event                 +      +       +       +      +       +       +      +       +       +      +      .     .
list_tenant_deliveries        +      +       +       +      +       +       +      +       +       +      +      .     .
create_webhook                +      +       +       -      -       -       -      -       -       -      -      .     .
create_global_webhook         +      +       -       -      -       -       -      -       -       -      -      .     .
preview_template              +      +       +       +      -       -       -      -       -       -      -      .     .
dry_run                       +      +       +       +      -       -       -      -       -       -      -      .     .
publish_event                 +      +       +       -      -       -       -      -       -       -      -      .     .
read_tenant_stats             +      +       +       +      -       -       -      -       -       -      -      .     .
read_events                   +      +       +       +      -       -       -      -       -       -      -      .     .
read_inbound_configuration    +      +       -       -      -       -       -      -       -       -      -      .     .
configure_inbound             +      +       -       -      -       -       -      -       -       -      -      .     .
read_messages                 +      +       +       +      -       -       -      -       -       -      -      .     .
resubmit_message              +      +       +       -      -       -       -      -       -       -      -      .     .
read_webhook                  +      +       +       +      +       +       +      +       +       +      .      .     .
update_webhook                +      +       +       -      +       +       -      +       +       -      .      .     .
widen_webhook                 +      +       +       -      -       -       -      -       -       -      .      .     .
widen_global_webhook          +      +       -       -      -       -       -      -       -       -      .      .     .
move_webhook                  +      +       -       -      +       -       -      +       -       -      .      .     .
delete_webhook                +      +       -       -      +       -       -      +       -       -      .      .     .
read_secret                   +      +       -       -      +       -       -      +       -       -      .      .     .
rotate_secret                 +      +       -       -      +       -       -      +       -       -      .      .     .
read_rights                   +      +       -       -      +       -       -      +       -       -      .      .     .
manage_rights                 +      +       -       -      +       -       -      +       -       -      .      .     .
read_deliveries               +      +       +       +      +       +       +      +       +       +      .      .     .
retry_delivery                +      +       +       -      +       +       -      +       +       -      .      .     .
cancel_delivery               +      +       +       -      +       +       -      +       +       -      .      .     .
test_webhook                  +      +       +       -      +       +       -      +       +       -      .      .     .
send_event                    +      +       +       -      +       +       -      +       +       -      .      .     .
read_stats                    +      +       +       +      +       +       +      +       +       +      .      .     .
recover                       +      +       +       -      +       +       -      +       +       -      .      .     .
read_recover_jobs             +      +       +       +      +       +       +      +       +       +      .      .     .
"""  # noqa: E501 - a table reads by its columns
HEAD, *LINES = (line.split() for line in TABLE.strip().splitlines())
MARKS = {"+": Allowed, "-": Forbidden, ".": Hidden}
CELLS = [
    pytest.param(Action(line[0]), kind, MARKS[mark], id=f"{line[0]}/{kind}")
    for line in LINES
    for kind, mark in zip(HEAD, line[1:], strict=True)
]

WIDENING = {Action.WIDEN_WEBHOOK, Action.WIDEN_GLOBAL_WEBHOOK}


def webhook_for(action: Action) -> WebhookId | None:
    on_one = isinstance(NEEDS[action], OnWebhook) or action in WIDENING
    return WEBHOOK_ID if on_one else None


def test_the_table_has_a_line_for_every_action_and_a_column_for_every_kind() -> None:
    assert [line[0] for line in LINES] == [action.value for action in Action]
    assert list(KINDS) == HEAD
    assert set(NEEDS) == set(Action)


@pytest.mark.parametrize(("action", "kind", "expected"), CELLS)
def test_every_action_by_every_kind(action: Action, kind: str, expected: type) -> None:
    assert type(decide(KINDS[kind], TENANT, webhook_for(action), action)) is expected


@pytest.mark.parametrize("action", list(Action))
def test_the_root_key_may_do_everything_everywhere(action: Action) -> None:
    assert decide(ROOT, TENANT, webhook_for(action), action) == Allowed()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "global"])
def test_without_a_tenant_only_global_admins_pass_and_others_are_told_so(kind: str) -> None:
    assert decide(KINDS[kind], None, None, Action.CREATE_TENANT) == Forbidden(
        "This takes a global admin."
    )


def test_an_act_on_a_webhook_must_name_it() -> None:
    with pytest.raises(ValueError, match="read_webhook is about one webhook"):
        decide(ROOT, TENANT, None, Action.READ_WEBHOOK)


def test_a_denial_says_which_level_is_missing() -> None:
    reader = a_principal(level=Level.READ)
    assert decide(reader, TENANT, WEBHOOK_ID, Action.DELETE_WEBHOOK) == Forbidden(
        "This takes the level admin on the webhook."
    )
    assert decide(reader, TENANT, None, Action.PUBLISH_EVENT) == Forbidden(
        "This takes the level write in the tenant."
    )


levels = st.sampled_from(Level)
maybe_levels = st.none() | levels
principals = st.builds(
    lambda tenant, level, default, own, is_global: a_principal(
        tenant=tenant,
        level=level,
        default_webhook_level=default,
        webhook_levels={} if own is None else {WEBHOOK_ID: own},
        global_admin=is_global,
    ),
    st.sampled_from([TENANT, OTHER_TENANT]),
    maybe_levels,
    maybe_levels,
    maybe_levels,
    st.booleans(),
)


@given(principals)
def test_global_then_tenant_admin_then_own_then_default_then_tenant(principal: Principal) -> None:
    own = principal.webhook_levels.get(WEBHOOK_ID)
    ladder: list[tuple[bool, Level | None, str]] = [
        (principal.global_admin, Level.ADMIN, "global"),
        (principal.tenant != TENANT, None, ""),
        (principal.level is Level.ADMIN, Level.ADMIN, "tenant"),
        (own is not None, own, "webhook"),
        (
            principal.default_webhook_level is not None,
            principal.default_webhook_level,
            "default",
        ),
        (principal.level is not None, principal.level, "tenant"),
        (True, None, ""),
    ]
    _, level, via = next(step for step in ladder if step[0])
    effective = effective_level(principal, TENANT, WEBHOOK_ID)
    expected = None if level is None else (level, via)
    assert (effective and (effective.level, effective.via)) == expected


@given(principals, st.sampled_from(Action))
def test_another_tenants_principal_never_learns_anything(
    principal: Principal, action: Action
) -> None:
    foreigner = replace(principal, tenant=OTHER_TENANT, global_admin=False)
    assert decide(foreigner, TENANT, webhook_for(action), action) == Hidden()


@given(principals, st.sampled_from(Action))
def test_nobody_but_a_global_admin_acts_on_the_platform(
    principal: Principal, action: Action
) -> None:
    if action in (Action.CREATE_TENANT, Action.MANAGE_GLOBAL_ADMINS, Action.DELETE_TENANT):
        allowed = decide(principal, TENANT, None, action) == Allowed()
        assert allowed == principal.global_admin


@given(principals, levels, st.sampled_from(Action))
def test_a_higher_level_in_the_tenant_never_takes_a_right_away(
    principal: Principal, higher: Level, action: Action
) -> None:
    before = decide(principal, TENANT, webhook_for(action), action)
    held = principal.level
    if held is None or higher.includes(held):
        after = decide(replace(principal, level=higher), TENANT, webhook_for(action), action)
        assert before != Allowed() or after == Allowed()


@given(principals)
def test_a_visible_webhook_implies_a_visible_tenant(principal: Principal) -> None:
    if effective_level(principal, TENANT, WEBHOOK_ID) is not None:
        assert sees_tenant(principal, TENANT)


def test_a_webhooks_own_level_can_lower_what_default_and_tenant_give() -> None:
    lowered = a_principal(
        level=Level.WRITE,
        default_webhook_level=Level.ADMIN,
        webhook_levels={WEBHOOK_ID: Level.READ},
    )
    assert effective_level(lowered, TENANT, WEBHOOK_ID) == EffectiveLevel(Level.READ, "webhook")
    assert effective_level(lowered, TENANT, OTHER_WEBHOOK) == EffectiveLevel(Level.ADMIN, "default")


def test_levels_are_ordered_by_what_they_hold_and_not_by_their_text() -> None:
    assert [level.includes(Level.WRITE) for level in Level] == [False, True, True]
    with pytest.raises(TypeError):
        _ = Level.ADMIN < Level.READ  # type: ignore[operator] # it has no such order: the point


@pytest.mark.parametrize("hears_more", [False, True])
@pytest.mark.parametrize("is_global", [False, True])
@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("new_secret", [False, True])
def test_an_edit_is_all_the_acts_it_amounts_to(
    hears_more: bool, is_global: bool, moves: bool, new_secret: bool
) -> None:
    acts = acts_of(
        WebhookEdit(hears_more=hears_more, is_global=is_global, moves=moves, new_secret=new_secret)
    )
    assert (Action.WIDEN_WEBHOOK in acts) == (hears_more and not is_global)
    assert (Action.WIDEN_GLOBAL_WEBHOOK in acts) == (hears_more and is_global)
    assert (Action.MOVE_WEBHOOK in acts) == (moves and not new_secret)
    assert (Action.ROTATE_SECRET in acts) == (new_secret and not moves)


def test_hearing_more_takes_what_creating_the_webhook_so_would() -> None:
    assert NEEDS[Action.WIDEN_WEBHOOK] == NEEDS[Action.CREATE_WEBHOOK]
    assert NEEDS[Action.WIDEN_GLOBAL_WEBHOOK] == NEEDS[Action.CREATE_GLOBAL_WEBHOOK]
    assert NEEDS[Action.MOVE_WEBHOOK] == NEEDS[Action.READ_SECRET]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_session_issues_no_credentials_whoever_it_is_of(kind: str) -> None:
    session = replace(KINDS[kind], credential=Credential("session"))
    sees = kind not in {"none", "foreign"}
    decision = decide(session, TENANT, None, Action.ISSUE_CREDENTIALS)
    assert isinstance(decision, Forbidden if sees else Hidden)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("action", [each for each in Action if each != Action.ISSUE_CREDENTIALS])
def test_a_session_may_do_all_else_that_its_principal_may(kind: str, action: Action) -> None:
    session = replace(KINDS[kind], credential=Credential("session"))
    webhook = webhook_for(action)
    assert decide(session, TENANT, webhook, action) == decide(KINDS[kind], TENANT, webhook, action)
