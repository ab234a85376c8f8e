"""The one parser of webhook urls, used when a webhook is saved and again when it is called.

It accepts a strict subset of RFC 3986. What two parsers could read differently is refused, so that
the host that is checked is the host that is called. It closes these known disagreements:
backslashes, user information, control characters, tabs and newlines that browsers drop, numbers
that ``getaddrinfo`` takes for IPv4, and Unicode that one parser maps to ASCII and another does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal

import idna

from hookline.domain.net.addresses import Address, Network, Refused, verdict

MAX_URL_CHARACTERS = 2048
"""The longest url a webhook may have (reference row IZ-1)."""

Scheme = Literal["https", "http"]

_DEFAULT_PORTS: dict[str, int] = {"https": 443, "http": 80}

# ASCII: without it, ignoring the case lets the long s (U+017F) pass for an s.
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>.*)",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_BRACKETED = re.compile(r"(\[[^\[\]]*\])(?:(:)(.*))?")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_PORT = re.compile(r"[1-9][0-9]{0,4}")

# Above 1023: what browsers refuse because other protocols answer there (Fetch, "bad port"), and
# the two stores that would take the lines of a request for commands.
_OTHER_PROTOCOLS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668}
    | {6669, 6679, 6697, 10080}
    | {6379, 11211}  # Redis, memcached
)

# RFC 3986, 3.3 to 3.5: pchar and "/" in the path, "?" too in query and fragment.
_PCHAR = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2}"
_REST = re.compile(rf"(?P<path>(?:{_PCHAR})*)(?P<query>\?(?:{_PCHAR}|\?)*)?(?:#(?:{_PCHAR}|\?)*)?")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)

# RFC 1123, 2.1 and RFC 1035, 2.3.4; the underscore is no host name's but common in public names.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_NAME = 253
# What WHATWG's parser, inet_aton and getaddrinfo take for a number as the last label.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")

# Names that never lead to the public internet: RFC 6761, 6762, 7686, 8375, ICANN's .internal, and
# the localdomain under which AWS Lambda's own runtime API answers.
_LOCAL = frozenset({"localhost", "localdomain", "local", "internal", "onion", "home.arpa"})

# Names under which clouds serve metadata and credentials: refused whatever is allowed.
_METADATA_HOSTS = frozenset(
    {
        "metadata.google.internal",
        "metadata.goog",
        "metadata.azure.internal",
        "metadata.azure.com",
        "metadata.packet.net",
        "metadata.tencentyun.com",
        "instance-data.ec2.internal",
        "sandbox.localdomain",
    }
)

# IDNA 2003 and 2008 send these to different names (UTS 46, section 4, "deviation characters").
_DEVIATIONS = frozenset("\u00df\u03c2\u200c\u200d")


class InvalidUrl(ValueError):  # noqa: N818 - reads as the domain speaks; it is a ValueError already
    """The url is refused; ``reason`` says why, for whoever typed it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Url:
    """A url whose every part is unambiguous.

    ``host`` is a lower-case ASCII name without a trailing dot, or an address without brackets in
    its canonical form. ``port`` is always set. ``target`` is path and query as they go on the
    request line, escapes in upper case (RFC 3986, 6.2.2.1). A fragment is not kept: it is never
    sent.
    """

    scheme: Scheme
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's default, port: the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port (RFC 6454): stored credentials stay with one origin."""
        return f"{self.scheme}://{self.authority}"

    @property
    def address(self) -> Address | None:
        """The host as an address; None when it is a name."""
        return _literal(self.host)

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


def parse_url(text: str, *, allow_http: bool, allowed_networks: Sequence[Network] = ()) -> Url:
    """Read a webhook's url, or raise InvalidUrl with the reason.

    Args:
        text: the url as its user gave it.
        allow_http: whether this stack takes plain http.
        allowed_networks: what the operator opens beside the public internet. Where there are any,
            local names pass here and are decided by the addresses they resolve to.

    Raises:
        InvalidUrl: the first rule that the url breaks.
    """
    _check_characters(text)
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise InvalidUrl("must begin with https:// (or http:// where this stack allows it)")
    scheme: Scheme = "https" if shape["scheme"].lower() == "https" else "http"
    if scheme == "http" and not allow_http:
        raise InvalidUrl("must be https: this stack does not allow plain http")
    host_text, port = _split_authority(shape["authority"], scheme)
    host = _host(host_text)
    _check_host(host, allowed_networks)
    return Url(scheme=scheme, host=host, port=port, target=_target(shape["rest"]))


def _check_characters(text: str) -> None:
    if not text:
        raise InvalidUrl("must not be empty")
    if len(text) > MAX_URL_CHARACTERS:
        raise InvalidUrl(f"must not be longer than {MAX_URL_CHARACTERS} characters")
    if "\\" in text:
        raise InvalidUrl("must not hold a backslash")
    if _CONTROL.search(text):
        raise InvalidUrl("must not hold spaces or control characters")
    # Z*: separators; C*: controls, invisible format characters, surrogates, unassigned.
    if not text.isascii() and any(unicodedata.category(each)[0] in "ZC" for each in text):
        raise InvalidUrl("must not hold invisible or unassigned characters")


def _split_authority(authority: str, scheme: str) -> tuple[str, int]:
    if not authority:
        raise InvalidUrl("has no host")
    if "@" in authority:
        raise InvalidUrl("must not hold credentials or an @ before the path")
    if "[" in authority or "]" in authority:
        bracketed = _BRACKETED.fullmatch(authority)
        if bracketed is None:
            raise InvalidUrl("has a malformed IPv6 address")
        host, colon, port = bracketed.groups("")
    else:
        host, colon, port = authority.partition(":")
    if not colon:
        return host, _DEFAULT_PORTS[scheme]
    # fullmatch and not int(): int takes other scripts' digits, signs, spaces and underscores.
    if _PORT.fullmatch(port) is None or int(port) > 65_535:
        raise InvalidUrl("has an invalid port: 80, 443 or 1024 to 65535")
    if int(port) < 1024 and int(port) not in (80, 443):
        raise InvalidUrl(f"must not use port {port}: below 1024 only 80 and 443 are allowed")
    if int(port) in _OTHER_PROTOCOLS:
        raise InvalidUrl(f"must not use port {port}: it belongs to another protocol")
    return host, int(port)


def _host(text: str) -> str:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = _ascii_name(text).lower()
    # One trailing dot stands for the root: the same name, which certificates write without it.
    name = name.removesuffix(".")
    if len(name) > _MAX_NAME:
        raise InvalidUrl(f"has a host name longer than {_MAX_NAME} characters")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(name, had_dot=text.endswith("."))
    for label in labels:
        if not label:
            raise InvalidUrl("has an empty label in its host name")
        if len(label) > 63:
            raise InvalidUrl("has a label longer than 63 characters in its host name")
        if _LABEL.fullmatch(label) is None:
            raise InvalidUrl("has characters that no host name may hold")
        if label.startswith("xn--"):
            _check_a_label(label)
    return name


def _ipv4(name: str, *, had_dot: bool) -> str:
    if had_dot or _DOTTED_QUAD.fullmatch(name) is None:
        raise InvalidUrl("has a number for a host: write IPv4 as four plain decimal numbers")
    try:
        return str(IPv4Address(name))
    except AddressValueError as error:
        raise InvalidUrl("has an invalid IPv4 address") from error


def _ipv6(text: str) -> str:
    if "%" in text:
        raise InvalidUrl("must not hold an IPv6 zone")
    try:
        return str(IPv6Address(text))
    except AddressValueError as error:
        raise InvalidUrl("has a malformed IPv6 address") from error


def _ascii_name(text: str) -> str:
    """``text`` as A-labels; unchanged if it is ASCII already.

    The mapping of UTS 46 turns circled digits into digits and drops soft hyphens. No user means
    that, and a parser without the mapping reads another name. So only a name that the mapping
    leaves as it is, except for case, is accepted.
    """
    if text.isascii():
        return text
    # The capital sharp s is mapped to ss by one version of UTS 46 and to the small one by the next.
    if not _DEVIATIONS.isdisjoint(text.lower()):
        raise InvalidUrl("has characters that standards read differently: write the host as xn--…")
    # The Kelvin sign and its like even lower-case to ASCII; what normalizing makes another of has
    # been made different ones by versions of Unicode.
    stand_in = any(
        each.lower().isascii() or unicodedata.normalize("NFC", each) != each
        for each in text
        if not each.isascii()
    )
    try:
        mapped = idna.uts46_remap(text, std3_rules=True, transitional=False)
        if stand_in or mapped != unicodedata.normalize("NFC", text).lower():
            raise InvalidUrl("has characters in its host that stand for others")
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode("ascii")
            for label in mapped.split(".")
        )
    except idna.IDNAError as error:
        raise InvalidUrl("has an invalid international host name") from error


def _check_a_label(label: str) -> None:
    """Labels with two hyphens in third place that encode nothing are in use as names."""
    try:
        unicode_label = idna.ulabel(label)
        sound = not unicode_label.isascii() and idna.alabel(unicode_label) == label.encode()
    except idna.IDNAError:
        sound = False
    if not sound:
        raise InvalidUrl("has an invalid international host name")


def _check_host(host: str, allowed_networks: Sequence[Network]) -> None:
    address = _literal(host)
    if address is not None:
        judged = verdict(address, allowed_networks)
        if isinstance(judged, Refused):
            raise InvalidUrl(f"must be a public address: {address} is {judged.reason}")
        return
    if host in _METADATA_HOSTS:
        raise InvalidUrl("must not name a metadata service")
    labels = host.split(".")
    local = labels[-1] in _LOCAL or ".".join(labels[-2:]) in _LOCAL
    if local and not allowed_networks:
        raise InvalidUrl("must be a public host, not a local name")
    if len(labels) == 1 and not local:
        raise InvalidUrl("must be a public host: a name with a dot in it")


def _literal(host: str) -> Address | None:
    if ":" in host:
        return IPv6Address(host)
    return IPv4Address(host) if _DOTTED_QUAD.fullmatch(host) else None


def _unencoded(rest: str) -> str:
    """The first character that is not allowed as it is, and how to write it instead."""
    good = _REST.match(rest)
    character = rest[good.end() if good else 0]
    escaped = "".join(f"%{byte:02X}" for byte in character.encode())
    return f"{character} (as {escaped})"


def _target(rest: str) -> str:
    parts = _REST.fullmatch(rest)
    if parts is None:
        raise InvalidUrl(f"must have {_unencoded(rest)} in its path or query percent-encoded")
    path = parts["path"]
    if _DOT_SEGMENT.search(path):
        raise InvalidUrl("must not hold the path segments . and ..")
    target = f"{path or '/'}{parts['query'] or ''}"
    # As urllib3 writes them on the request line, so that what is shown is what is sent.
    return _ESCAPE.sub(lambda escape: escape[0].upper(), target)
