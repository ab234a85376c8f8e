"""Every exception Hookline raises on purpose, branched by what the caller should do.

::

    HooklineError
    ├── Refused                 the request is at fault: tell the caller, do not retry
    │   ├── Rejected            its content breaks rules; carries every FieldError at once
    │   │   └── Unhealthy       it asked how the stack is, and parts are not well
    │   ├── TooLarge            it exceeds a limit
    │   ├── NotFound            it names what does not exist, or may not be seen
    │   ├── Forbidden           the tenant is visible, the right is missing
    │   ├── Unauthenticated     no key, or not a valid one
    │   ├── Conflict            it clashes with what is stored
    │   ├── PreconditionFailed  its If-Match names another version
    │   └── TooManyRequests     a quota is used up; carries when to come back
    ├── PoisonMessage           a queue or stream record that can never be processed: set it aside
    ├── Unavailable             an AWS service did not do its part: try the same again later
    └── SettingsError           the environment lacks something: nothing works until it is mended
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class HooklineError(Exception):
    """Base of all that Hookline raises on purpose."""


class Refused(HooklineError):  # noqa: N818 - a branch of the tree, named for its meaning
    """The request is at fault; ``detail`` says how, in words for its sender, ``code`` for programs.

    The codes and what they mean are in `hookline.problems`.
    """

    code = "refused"

    def __init__(self, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


@dataclass(frozen=True, slots=True)
class FieldError:
    """One broken rule. ``field`` is a dotted path such as ``events.0`` or ``retry.multiplier``."""

    field: str
    message: str


class Rejected(Refused):
    """The content breaks rules; ``errors`` holds all of them, in the order of the fields."""

    code = "invalid"

    def __init__(
        self, errors: Sequence[FieldError], detail: str = "The request is invalid."
    ) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class Unhealthy(Rejected):
    """A look at the whole stack found parts that are not well; ``errors`` names each."""

    code = "unhealthy"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors, "Parts of the stack are not well.")


class TooLarge(Refused):
    """The body, or one part of it, exceeds the limit that ``detail`` names."""

    code = "too_large"


class NotFound(Refused):
    """What is named does not exist or may not be seen: the answer is the same for both."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such resource.")


class Forbidden(Refused):
    """The tenant is visible to the caller, the right to do this is missing."""

    code = "forbidden"


class Unauthenticated(Refused):
    """No key, an unknown, wrong, expired or revoked one: the answer is the same for all."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("A valid API key is needed: Authorization: Bearer hl_<key id>_<secret>.")


class Conflict(Refused):
    """The request clashes with what is stored, such as a name that is taken."""

    code = "conflict"


class PreconditionFailed(Refused):
    """If-Match names a version that is not the current one."""

    code = "precondition_failed"


class TooManyRequests(Refused):
    """A quota is used up for now."""

    code = "quota_exceeded"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class PoisonMessage(HooklineError):  # noqa: N818 - a branch of the tree, named for its meaning
    """A queue or stream record that no retry can heal; ``reason`` goes beside it when set aside."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(HooklineError):  # noqa: N818 - a branch of the tree, named for its meaning
    """An AWS service did not do its part, after the retries that belong to one call."""


class SettingsError(HooklineError):
    """A setting is missing or malformed; the message names its environment variable."""
