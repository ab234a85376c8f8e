"""A small world of tenants, principals and keys, over the in-memory stores."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import Tenant
from hookline.domain.identity.rights import ROOT, Principal
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.services.identity.authenticate import Authenticate, VerifyToken
from hookline.services.identity.authorize import Authorize
from hookline.services.identity.known_tenants import KnownTenants
from hookline.services.identity.manage_keys import IssuedKey, ManageKeys
from hookline.services.identity.manage_principals import ManagePrincipals
from hookline.services.identity.manage_rights import ManageRights
from hookline.services.identity.manage_tenants import ManageTenants
from tests.builders import NOW, TENANT, a_webhook, an_id
from tests.engine.clock import FakeClock
from tests.engine.identity import (
    Identities,
    InMemoryApiKeys,
    InMemoryPrincipals,
    InMemoryTenants,
    InMemoryWebhookRights,
)
from tests.engine.webhooks import InMemoryWebhooks

OTHER_TENANT = TenantId("globex")
PEPPER = b"a pepper for tests"
ROOT_SECRET = "the root secret"


class Callers:
    """Two tenants, `TENANT` and `OTHER_TENANT`, and all services of identity over one store."""

    def __init__(self, verify_token: VerifyToken | None = None) -> None:
        self.clock = FakeClock()
        self.all = Identities()
        self.webhooks = InMemoryWebhooks()
        self.tenants = InMemoryTenants(self.all)
        self.principals = InMemoryPrincipals(self.all)
        self.keys = InMemoryApiKeys(self.all)
        self.rights = InMemoryWebhookRights(self.all)
        self.root_secret = ROOT_SECRET
        self._random = count(1)
        self.known_tenants = KnownTenants(self.tenants, self.clock)
        self.authenticate = self.another_process(verify_token)
        self.authorize = Authorize(
            tenant_exists=self.known_tenants,
            principals=self.principals,
            rights=self.rights,
            webhooks=self.webhooks,
        )
        self.manage_tenants = ManageTenants(
            tenants=self.tenants,
            principals=self.principals,
            webhooks=self.webhooks,
            clock=self.clock,
            changed=self.known_tenants.forget,
        )
        self.manage_principals = ManagePrincipals(
            authorize=self.authorize,
            principals=self.principals,
            clock=self.clock,
            randomness=self.randomness,
            changed=self.authenticate.forget,
        )
        self.manage_keys = ManageKeys(
            principals=self.manage_principals,
            keys=self.keys,
            pepper=PEPPER,
            clock=self.clock,
            randomness=self.randomness,
        )
        self.manage_rights = ManageRights(
            webhooks=self.webhooks, principals=self.principals, rights=self.rights
        )
        for tenant in (TENANT, OTHER_TENANT):
            self.tenants.create(
                Tenant(id=tenant, name=tenant, created_at=NOW, created_by=ROOT.id, updated_at=NOW)
            )

    def randomness(self, size: int) -> bytes:
        return next(self._random).to_bytes(size)

    def another_process(self, verify_token: VerifyToken | None = None) -> Authenticate:
        """An `Authenticate` over the same stores with a cache of its own."""
        return Authenticate(
            keys=self.keys,
            principals=self.principals,
            root_secret=lambda: self.root_secret,
            pepper=PEPPER,
            clock=self.clock,
            verify_token=verify_token,
        )

    def principal(
        self,
        *,
        tenant: TenantId = TENANT,
        level: Level | None = None,
        default: Level | None = None,
        global_admin: bool = False,
        on: dict[WebhookId, Level] | None = None,
    ) -> Principal:
        """A stored principal; ``on`` gives it levels on webhooks."""
        document = {
            "name": "someone",
            "level": level and level.value,
            "default_webhook_level": default and default.value,
            "global_admin": global_admin,
        }
        made = self.manage_principals.create(ROOT, tenant, document).principal
        for webhook_id, own in (on or {}).items():
            self.rights.put(tenant, made.id, webhook_id, own)
        return made

    def key_of(self, principal: Principal, expires_at: datetime | None = None) -> IssuedKey:
        """A new key of a principal of `TENANT` or wherever it belongs."""
        return self.manage_keys.issue(ROOT, principal.tenant or TENANT, principal.id, expires_at)

    def webhook(self, tenant: TenantId = TENANT) -> WebhookId:
        """A stored webhook."""
        webhook_id = WebhookId(an_id("wh"))
        self.webhooks.create(a_webhook(id=webhook_id, tenant=tenant))
        return webhook_id

    def reads(self) -> list[str]:
        """The look-ups since the last time this was asked."""
        found, self.all.reads = self.all.reads, []
        return found


def bearer(key: str) -> str:
    return f"Bearer {key}"


def stranger() -> PrincipalId:
    """The id of a principal that nobody made."""
    return PrincipalId(an_id("prn"))
