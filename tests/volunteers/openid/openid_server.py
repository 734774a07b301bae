"""A small OpenID Connect provider with real signatures, codes that work once, and PKCE."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.volunteers.services import served


@dataclass
class OpenId:
    """The provider. person: the data that it returns about the person who signs in. claims: changes of the ID token's
    claims."""

    origin: str = ""
    client: tuple[str, str] = ("solidarity", "the client's secret")
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "7", "email": "new@example.org", "email_verified": True}
    )
    claims: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    signing_key: Any = None
    algorithm: str = "RS256"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def authorize(self, question: dict[str, str]) -> str:
        """Return the address to which the browser of somebody who agrees is redirected."""
        assert question["response_type"] == "code" and question["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.asked[code] = question
        return question["redirect_uri"] + "?" + urlencode({"code": code, "state": question["state"]})

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the tokens for a code; None for a used code, a wrong secret or another PKCE verifier."""
        question = self.asked.pop(form.get("code", ""), None)
        if question is None or (form.get("client_id"), form.get("client_secret")) != self.client:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != question["code_challenge"] or form["redirect_uri"] != question["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.origin, "aud": self.client[0], "sub": self.person["sub"], "iat": now, "exp": now + 300,
            "nonce": question["nonce"], **self.claims,
        }  # fmt: skip
        access = secrets.token_urlsafe(16)
        self.tokens.add(access)
        signed = jwt.encode(claims, self.signing_key or self.key, algorithm=self.algorithm, headers={"kid": "k"})
        return {"access_token": access, "token_type": "Bearer", "id_token": signed}

    def answer(self, path: str) -> Any:
        """Return the public documents."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.origin,
                **{f"{name}_endpoint": f"{self.origin}/{name}" for name in ("authorization", "token", "userinfo")},
                "jwks_uri": f"{self.origin}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                **self.config,
            }
        if path == "/jwks":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [{**public, "kid": "k", "alg": "RS256", "use": "sig"}]}
        return None


@contextmanager
def openid_server() -> Iterator[OpenId]:
    """Run the provider inside the block."""
    provider = OpenId()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorization":
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif parts.path == "/userinfo":
                known = self.headers.get("Authorization", "").removeprefix("Bearer ") in provider.tokens
                self.say(provider.person if known else None)
            else:
                self.say(provider.answer(parts.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.say(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def say(self, answer: Any) -> None:
            body = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(200 if answer else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            pass

    with served(Handler) as provider.origin:
        yield provider
