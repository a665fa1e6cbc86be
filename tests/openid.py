"""A real small OpenID provider on loopback: discovery, keys, codes that are good once, PKCE, signed tokens.

`mint` makes the token from the claims that would be right, so that a test can have it make a wrong one.
"""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "gridmap at 街道", "s+cret/=%: 1"  # what has to be encoded, to see that it is
Claims = dict[str, Any]


def rsa(kid: str | None) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"} if kid else None)


@dataclass
class OpenProvider:
    """`user`: who has signed in there. `asked`: paths in the order in which they were asked for."""

    issuer: str
    key: RSAKey | ECKey = field(default_factory=lambda: rsa("first"))
    others: list[RSAKey | ECKey] = field(default_factory=list)
    user: Claims = field(default_factory=lambda: {"sub": "248289761001"})
    changes: Claims = field(default_factory=dict)  # of what it says of itself
    denies: str | None = None
    asks: bool = False  # on a page of its own, as real ones do
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    mint: Callable[[Claims], str] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Those of a service that knows it."""
        return {"oidc_issuer": self.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?realm=a",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        } | self.changes

    def claims(self, nonce: str, **changes: Any) -> Claims:
        """Those of a right token, some changed; None takes one away."""
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce} | self.user
        return {name: value for name, value in (right | changes).items() if value is not None}

    def sign(self, claims: Claims, algorithm: str = "RS256", key: Any = None, **header: Any) -> str:
        key = key or self.key
        named = {"alg": algorithm} | ({"kid": key.get("kid")} if key.get("kid") else {}) | header
        return jwt.encode(named, claims, key, algorithms=[algorithm])

    @contextmanager
    def minting(self, mint: Callable[[Claims], str]) -> Iterator[None]:
        self.mint = mint
        try:
            yield
        finally:
            self.mint = None

    def authorize(self, asked: dict[str, str]) -> dict[str, str]:
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        if self.denies:
            return {"error": self.denies, "state": asked["state"], "iss": self.issuer}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        scheme, _, encoded = authorization.partition(" ")
        client, _, secret = base64.b64decode(encoded).decode().partition(":")
        if (scheme, unquote_plus(client), unquote_plus(secret)) != ("Basic", CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        began = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            began is None
            or began["redirect_uri"] != form["redirect_uri"]
            or base64.urlsafe_b64encode(digest).decode().rstrip("=") != began["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        claims = self.claims(began["nonce"])
        minted = self.mint(claims) if self.mint else self.sign(claims)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": minted}


def _app(provider: OpenProvider) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def remember(request: Request, call_next: Any) -> Any:
        provider.asked.append(request.url.path)
        return await call_next(request)

    @app.get("/.well-known/openid-configuration")
    def described() -> JSONResponse:
        return JSONResponse(provider.described())

    @app.get("/keys")
    def keys() -> JSONResponse:
        return JSONResponse(
            {"keys": [key.as_dict(private=False) for key in (provider.key, *provider.others)]}
        )

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        back = f"{asked['redirect_uri']}?{urlencode(provider.authorize(asked))}"
        if provider.asks:
            return HTMLResponse(f'<a href="{html.escape(back)}">Sign in</a>')
        return RedirectResponse(back, 302)

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        status, answer = provider.token(form, request.headers.get("authorization", ""))
        return JSONResponse(answer, status)

    return app


@contextmanager
def providing() -> Iterator[OpenProvider]:
    """One that is up, on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    provider = OpenProvider(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(_app(provider), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while httpx.get(f"{provider.issuer}/.well-known/openid-configuration").status_code != 200:
        time.sleep(0.02)
    provider.asked.clear()
    yield provider
    server.should_exit = True
    thread.join(10)
