"""What every group of routes is made of: stores, settings, and the services all of them share."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.webhook.surroundings import Surroundings
from hookline.errors import SettingsError
from hookline.ports import Clock, Randomness
from hookline.services.identity.authenticate import Authenticate, VerifyToken
from hookline.services.identity.authorize import Authorize
from hookline.services.identity.known_tenants import KnownTenants
from hookline_api.http.cursors import Cursors
from hookline_api.http.remembered_rights import RememberedRights
from hookline_api.settings import ApiSettings
from hookline_api.stores import Stores


@dataclass(frozen=True, slots=True)
class Parts:
    """What most services and routes are made of."""

    settings: ApiSettings
    stores: Stores
    clock: Clock
    randomness: Randomness
    pepper: bytes
    known_tenants: KnownTenants
    authenticate: Authenticate
    authorize: RememberedRights
    cursors: Cursors
    rules: Surroundings


def parts_of(settings: ApiSettings, stores: Stores, clock: Clock, randomness: Randomness) -> Parts:
    """Reads the stack's signing key. Raises Unavailable where it cannot."""
    pepper = stores.signing_key().encode()
    known_tenants = KnownTenants(stores.tenants, clock)
    return Parts(
        settings=settings,
        stores=stores,
        clock=clock,
        randomness=randomness,
        pepper=pepper,
        known_tenants=known_tenants,
        authenticate=Authenticate(
            keys=stores.keys,
            principals=stores.principals,
            root_secret=stores.root_secret,
            pepper=pepper,
            clock=clock,
            verify_token=_verify_token(settings, clock),
        ),
        authorize=RememberedRights(
            Authorize(
                tenant_exists=known_tenants,
                principals=stores.principals,
                rights=stores.rights,
                webhooks=stores.webhooks,
            )
        ),
        cursors=Cursors(pepper),
        rules=Surroundings(
            allow_http=settings.allow_http,
            retention=settings.retention,
            header_prefix=settings.header_prefix,
            allowed_networks=settings.allowed_networks,
        ),
    )


def _verify_token(settings: ApiSettings, clock: Clock) -> VerifyToken | None:
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_audience is None:
        raise SettingsError("OIDC_AUDIENCE is not set, though OIDC_ISSUER is")
    # Where no issuer is named, no cold start pays for PyJWT and requests.
    from hookline.adapters.http.oidc import OidcKeySet  # noqa: PLC0415 - see above
    from hookline.services.identity.issuer_keys import IssuerKeys  # noqa: PLC0415 - see above
    from hookline.services.identity.verify_token import VerifyToken as Verify  # noqa: PLC0415 - see above

    return Verify(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        keys=IssuerKeys(OidcKeySet(settings.oidc_issuer), clock),
        clock=clock,
    )
