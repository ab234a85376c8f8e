"""Signing in at an issuer of one's own: authorization code with PKCE, end to end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hookline_api.settings import ApiSettings
from hookline_api.wiring import build_api
from tests.e2e.console.browser import window
from tests.e2e.console.in_process import Served, served
from tests.e2e.console.issuer import AUDIENCE, CLIENT, Issuer, issuing
from tests.e2e.tenant import Tenant


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with issuing(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture(scope="module")
def signing_in(issuer: Issuer) -> Iterator[Served]:
    """A stack that takes the issuer's tokens."""
    with served(OidcIssuer=issuer.url, OidcAudience=AUDIENCE, OidcClientId=CLIENT) as running:
        stack = running.stack
        stack.api = build_api(
            stack.settings(ApiSettings), stack.clock, issuer_roots=str(issuer.roots)
        )
        yield running


@pytest.fixture
def stranger(browser: Browser, signing_in: Served) -> Iterator[Page]:
    """A private window at the console's door, which must not complain."""
    with window(browser, signing_in.addresses.api, None, own_authorities=True) as opened:
        opened.open("")
        yield opened.page
        assert opened.complaints == []


def known(issuer: Issuer, signing_in: Served, name: str, **principal: object) -> Tenant:
    """A tenant in which somebody of the issuer's is a principal of this name."""
    tenant = Tenant(signing_in.addresses)
    made = tenant.api.post("/principals", {"name": name, **principal})
    issuer.people = {
        name: {"hookline_tenant": tenant.name, "hookline_principal": str(made["id"])},
        "a guest": {},
    }
    return tenant


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in with").click()
    page.get_by_role("link", name=name).click()


@pytest.mark.parametrize("opaque", [False, True])
def test_who_signs_in_at_the_issuer_acts_as_their_principal(
    issuer: Issuer, signing_in: Served, stranger: Page, opaque: bool
) -> None:
    tenant = known(issuer, signing_in, "Ada Lovelace", level="write")
    tenant.hook(name="hers")
    issuer.opaque_access = opaque
    sign_in(stranger, "Ada Lovelace")
    expect(stranger.get_by_role("heading", name="Health")).to_be_visible()
    expect(stranger.locator(".who")).to_contain_text("Ada Lovelace")
    # Neither the code nor the token stays in an address, where others might read it.
    assert stranger.url == f"{signing_in.addresses.api}/console/t/{tenant.name}/health"
    stranger.get_by_role("link", name="Webhooks", exact=True).click()
    expect(stranger.get_by_role("link", name="hers", exact=True)).to_be_visible()
    stranger.reload()
    expect(stranger.get_by_role("link", name="hers", exact=True)).to_be_visible()


def test_who_the_issuer_refuses_is_told_so(
    issuer: Issuer, signing_in: Served, stranger: Page
) -> None:
    known(issuer, signing_in, "Ada")
    sign_in(stranger, "No")
    expect(stranger.get_by_role("alert")).to_contain_text("access_denied")
    expect(stranger.get_by_label("API key")).to_be_visible()


def test_somebody_whom_the_stack_does_not_know_is_told_so(
    issuer: Issuer, signing_in: Served, stranger: Page
) -> None:
    known(issuer, signing_in, "Ada")
    sign_in(stranger, "a guest")
    expect(stranger.get_by_role("alert")).to_contain_text("names no principal")


def test_an_answer_to_a_login_that_this_tab_did_not_begin_is_not_taken(
    issuer: Issuer, signing_in: Served, stranger: Page
) -> None:
    known(issuer, signing_in, "Ada")
    stranger.get_by_role("button", name="Sign in with").click()
    link = stranger.get_by_role("link", name="Ada").get_attribute("href")
    assert link is not None
    stranger.goto(f"{signing_in.addresses.api}/console?code={'x' * 20}&state=of-somebody-else")
    expect(stranger.get_by_role("alert")).to_contain_text("does not belong to this login")
    # And what was begun is over: the state is good for one answer.
    stranger.goto(link)
    expect(stranger.get_by_label("API key")).to_be_visible()
    assert stranger.evaluate("() => sessionStorage.getItem('hookline.key')") is None
