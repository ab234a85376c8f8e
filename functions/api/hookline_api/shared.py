"""What several routes share, each built over the stack on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hookline.adapters.stack_inbound import ApiStack
from hookline.errors import SettingsError
from hookline.services.event.event_types import ManageEventTypes
from hookline.services.identity.authenticate import Authenticate, VerifyToken
from hookline.services.identity.authorize import Authorize
from hookline.services.identity.known_tenants import KnownTenants
from hookline_api.http.idempotency import RememberedRights
from hookline_api.http.paging import Cursors

if TYPE_CHECKING:
    from hookline.services.delivery.read_delivery import ReadableLogs, ShowNextAttempts
    from hookline.services.waiting.waiting_deliveries import WaitingDeliveries
    from hookline_api.settings import ApiSettings


class Shared:
    """Over one stack. The first use of its signing key reads it, and may raise Unavailable.

    ``issuer_roots`` is a file of root certificates for the OIDC issuer, in place of the public
    ones.
    """

    def __init__(
        self, settings: ApiSettings, stack: ApiStack, *, issuer_roots: str | None = None
    ) -> None:
        self.settings = settings
        self._issuer_roots = issuer_roots
        self.stack = stack
        self.clock = stack.clock
        self.randomness = stack.randomness

    @cached_property
    def pepper(self) -> bytes:
        """The key that digests API keys and signs cursors."""
        return self.stack.signing_key().encode()

    @cached_property
    def cursors(self) -> Cursors:
        """For all lists."""
        return Cursors(self.pepper)

    @cached_property
    def known_tenants(self) -> KnownTenants:
        """Remembers which tenants exist."""
        return KnownTenants(self.stack.tenants, self.clock)

    @cached_property
    def authenticate(self) -> Authenticate:
        """Who calls."""
        return Authenticate(
            keys=self.stack.keys,
            principals=self.stack.principals,
            root_secret=self.stack.root_secret,
            pepper=self.pepper,
            clock=self.clock,
            verify_token=self._verify_token(),
        )

    @cached_property
    def authorize(self) -> RememberedRights:
        """Whether they may."""
        return RememberedRights(
            Authorize(
                tenant_exists=self.known_tenants,
                principals=self.stack.principals,
                rights=self.stack.rights,
                webhooks=self.stack.webhooks,
            )
        )

    @cached_property
    def event_types(self) -> ManageEventTypes:
        """The catalogue."""
        return ManageEventTypes(types=self.stack.event_types, clock=self.clock)

    @cached_property
    def logs(self) -> ReadableLogs:
        """Whether a webhook has a log."""
        from hookline.services.delivery.read_delivery import ReadableLogs  # noqa: PLC0415 - rarely

        stack = self.stack
        return ReadableLogs(webhooks=stack.webhooks, log=stack.delivery_log, events=stack.events)

    @cached_property
    def show(self) -> ShowNextAttempts:
        """Adds when each delivery's next attempt is expected."""
        from hookline.services.delivery.read_delivery import ShowNextAttempts  # noqa: PLC0415 - rarely

        return ShowNextAttempts(webhooks=self.stack.webhooks, health=self.stack.health)

    @cached_property
    def waiting(self) -> WaitingDeliveries:
        """Deliveries that wait, and the messages that wake them."""
        from hookline.services.waiting.waiting_deliveries import WaitingDeliveries  # noqa: PLC0415 - rarely

        return WaitingDeliveries(
            due=self.stack.due,
            deliveries=self.stack.deliveries,
            changes=self.stack.delivery_changes,
            timers=self.stack.retry_timers,
            concurrently=self.stack.concurrently,
        )

    def _verify_token(self) -> VerifyToken | None:
        settings = self.settings
        if settings.oidc_issuer is None:
            return None
        if settings.oidc_audience is None:
            raise SettingsError("OIDC_AUDIENCE is not set, though OIDC_ISSUER is")
        # Without an issuer, no cold start pays for PyJWT and requests.
        from hookline.adapters.http.oidc import OidcKeySet  # noqa: PLC0415 - see above
        from hookline.services.identity.issuer_keys import IssuerKeys  # noqa: PLC0415 - see above
        from hookline.services.identity.verify_token import VerifyToken as Verify  # noqa: PLC0415 - see above

        keys = OidcKeySet(settings.oidc_issuer, ca_bundle=self._issuer_roots)
        return Verify(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience,
            keys=IssuerKeys(keys, self.clock),
            clock=self.clock,
        )
