"""A small OpenID Connect issuer on loopback: authorization code with PKCE, over TLS.

Written after RFC 6749 section 4.1, RFC 7636 and OpenID Connect Discovery 1.0; strict, so that what
passes here is what a strict issuer takes.
"""

from __future__ import annotations

import base64
import html
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import trustme

from local.http_server import AnyMethod
from tests.engine.issuer import jwk, rsa_key

CLIENT = "console"
AUDIENCE = "hookline"


@dataclass(slots=True)
class Issuer:
    """``people`` are those who may sign in, each with the claims of their token."""

    url: str
    roots: Path
    people: dict[str, Mapping[str, str]] = field(default_factory=dict)
    opaque_access: bool = False
    """Whether its access tokens are no JWTs, as with several large issuers."""
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Its discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def sign_in_page(self, query: Mapping[str, str]) -> str:
        """A link for each person, and one to refuse."""
        asked = (query["response_type"], query["client_id"], query["code_challenge_method"])
        assert asked == ("code", CLIENT, "S256"), query
        links = [f"<a href='{self._back(query, error='access_denied')}'>No</a>"]
        for person in self.people:
            code = secrets.token_urlsafe()
            self.codes[code] = {**query, "person": person}
            links.append(f"<a href='{self._back(query, code=code)}'>{html.escape(person)}</a>")
        return "<!doctype html><title>Sign in</title>" + " ".join(links)

    def token(self, form: Mapping[str, str]) -> dict[str, str] | None:
        """What a code is worth, once; None where anything of it is not right."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["grant_type"] != "authorization_code":
            return None
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        given = (form["client_id"], form["redirect_uri"], challenge)
        if given != (asked["client_id"], asked["redirect_uri"], asked["code_challenge"]):
            return None
        signed = self._signed({**self.people[asked["person"]], "sub": asked["person"]})
        access = secrets.token_urlsafe() if self.opaque_access else signed
        return {"token_type": "Bearer", "access_token": access, "id_token": signed}

    def _signed(self, claims: Mapping[str, str]) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 300}
        standard = {"iss": self.url, "aud": AUDIENCE, **times}
        return jwt.encode(
            {**standard, **claims}, rsa_key("issuer"), algorithm="RS256", headers={"kid": "rsa"}
        )

    def _back(self, query: Mapping[str, str], **result: str) -> str:
        answer = urlencode({**result, "state": query["state"]})
        return html.escape(f"{query['redirect_uri']}?{answer}")


class _Handler(AnyMethod):
    issuer: ClassVar[Issuer]

    def handle_call(self, body: bytes) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/authorize":
            self._reply(200, "text/html", self.issuer.sign_in_page(query))
        elif url.path == "/token" and self.command == "POST":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            given = self.issuer.token(form)
            self._json(400 if given is None else 200, given or {"error": "invalid_grant"})
        elif url.path == "/.well-known/openid-configuration":
            self._json(200, self.issuer.document())
        elif url.path == "/keys":
            key = jwk(rsa_key("issuer"), kid="rsa", use="sig", alg="RS256")
            self._json(200, {"keys": [key]})
        else:
            self._json(404, {})

    def _json(self, status: int, document: object) -> None:
        self._reply(status, "application/json", json.dumps(document))

    def _reply(self, status: int, media_type: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def issuing(folder: Path) -> Iterator[Issuer]:
    """An issuer with a certificate of its own authority, whose root it leaves in ``folder``."""
    authority = trustme.CA()
    roots = folder / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        issuer = Issuer(f"https://127.0.0.1:{server.server_port}", roots)
        handler.issuer = issuer  # type: ignore[attr-defined]  # made right above
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield issuer
        server.shutdown()
