"""A principal's sessions: issued for a limited time, ended all at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hookline.domain.identity import sessions
from hookline.domain.identity.fields import SessionFields
from hookline.domain.identity.rights import Principal
from hookline.domain.identity.sessions import Look, Session
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import floor_to_millis
from hookline.ports import Clock
from hookline.services.identity.manage_principals import ManagePrincipals


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """A new session with its text, which is shown only now."""

    session: Session
    text: str = field(repr=False)


class ManageSessions:
    """``key`` seals sessions, as in `Authenticate`."""

    def __init__(self, *, principals: ManagePrincipals, key: bytes, clock: Clock) -> None:
        self._principals = principals
        self._key = key
        self._clock = clock

    def issue(
        self, caller: Principal, tenant: TenantId, principal_id: PrincipalId, given: SessionFields
    ) -> IssuedSession:
        """Raises NotFound, and Forbidden for a global admin's session if the caller is not one."""
        stored = self._principals.managed(caller, tenant, principal_id)
        now = floor_to_millis(self._clock())
        if stored.sessions_ended_at is not None:
            # A session issued in the millisecond in which the others ended is not ended.
            now = max(now, stored.sessions_ended_at + timedelta(milliseconds=1))
        session = Session(
            tenant=tenant,
            principal_id=principal_id,
            issued_at=now,
            expires_at=now + timedelta(seconds=given.expires_in_seconds),
            look=Look(given.name, given.logo, given.colour),
        )
        return IssuedSession(session, sessions.seal(self._key, session))

    def end(self, caller: Principal, tenant: TenantId, principal_id: PrincipalId) -> None:
        """Ends all sessions: at once here, within 60 seconds everywhere. Raises as `issue` does."""
        before = self._principals.managed(caller, tenant, principal_id)
        now = floor_to_millis(self._clock())
        self._principals.save(before, replace(before, sessions_ended_at=now))
