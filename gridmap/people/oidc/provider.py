"""What an OpenID provider is asked over HTTP: its description and keys, which are kept, and what a code is
worth. Only addresses of the settings, or of the description found there, are fetched; none of a user's.

A provider that hangs must not take the service's threads with it: answers are awaited for seconds, few
requests go out at a time, and a provider that has just failed is not asked again at once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote_plus, urlencode

import httpx
import structlog

from gridmap.errors import Busy, NotSignedIn, ProviderUnavailable
from gridmap.people.oidc import idtokens
from gridmap.people.oidc.journey import Journey
from gridmap.people.oidc.model import Identity, Published
from gridmap.settings import Settings, keeps_secrets

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid profile"  # of the profile only preferred_username is looked at
KEPT_SECONDS = 3600.0
AGAIN_SECONDS = 10.0  # between two fetches for a key that is not known, and after one that failed
STEP_SECONDS, WHOLE_SECONDS = 3.0, 6.0  # a connection or a read may take the one, an answer the other
AT_ONCE, WAIT_SECONDS = 6, 2.0
LARGEST_ANSWER = 256 << 10

log = structlog.get_logger()


class Provider:
    """One provider, as one process knows it; for any number of threads."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._fetching = threading.Lock()
        self._published: Published | None = None
        self._fetched_at = self._failed_at = float("-inf")

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """That of the settings; None where they name none."""
        if settings.oidc_issuer is None or settings.oidc_client_id is None:
            return None
        secret = settings.oidc_client_secret
        return cls(
            settings.oidc_issuer, settings.oidc_client_id, secret.get_secret_value() if secret else None
        )

    def sign_in_url(self, journey: Journey, redirect_url: str) -> str:
        """Where a browser goes to sign in (authorization code flow with PKCE).

        Raises ProviderUnavailable, Busy.
        """
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_url,
            "scope": SCOPE,
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": journey.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self.published().authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def redeem(self, code: str, journey: Journey, redirect_url: str) -> str:
        """The ID token that a code is good for, once, unchecked.

        Raises NotSignedIn(field="code"), ProviderUnavailable, Busy.
        """
        published = self.published()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_url,
            "code_verifier": journey.verifier,
        }
        secret, login = self._client_secret, None
        if secret is not None and published.basic:  # RFC 6749, 2.3.1: each part form-encoded
            login = httpx.BasicAuth(quote_plus(self._client_id), quote_plus(secret))
        else:
            form |= {"client_id": self._client_id} | ({"client_secret": secret} if secret else {})
        status, answer = self._ask("POST", published.token_endpoint, data=form, auth=login)
        if status == 400 and answer.get("error") == "invalid_grant":
            raise NotSignedIn("the provider does not take this code, or no more; begin again", field="code")
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            log.warning("openid provider", issuer=self.issuer, asked="token", status=status)
            raise ProviderUnavailable("the provider did not answer for the code; try again later")
        return token

    def identity(self, token: str, nonce: str, moment: datetime | None = None) -> Identity:
        """Whom an ID token is about. Raises NotSignedIn(field="id_token"), ProviderUnavailable, Busy."""
        algorithm, kid = idtokens.signed_with(token)
        key = idtokens.key_for(self.published().keys, algorithm, kid)
        if key is None and self._clock() >= self._fetched_at + AGAIN_SECONDS:  # keys are changed
            key = idtokens.key_for(self.published(afresh=True).keys, algorithm, kid)
        if key is None:
            raise NotSignedIn(
                "what the provider said about you is signed with no key of its own", field="id_token"
            )
        return idtokens.check(
            token, key, issuer=self.issuer, client_id=self._client_id, nonce=nonce, moment=moment
        )

    def published(self, *, afresh: bool = False) -> Published:
        """What the provider says of itself, kept for KEPT_SECONDS. Raises ProviderUnavailable, Busy."""
        known, asked_at = self._published, self._clock()
        if known is not None and not afresh and asked_at < self._fetched_at + KEPT_SECONDS:
            return known
        if not self._fetching.acquire(timeout=WAIT_SECONDS):
            raise Busy("others are waiting for the provider; try again in a moment")
        try:
            if self._published is not None and self._fetched_at >= asked_at:  # while we waited
                return self._published
            if self._clock() < self._failed_at + AGAIN_SECONDS:
                raise ProviderUnavailable("the provider does not answer; try again in a moment")
            try:
                self._published = self._fetch()
            except ProviderUnavailable:
                self._failed_at = self._clock()
                raise
            self._fetched_at = self._clock()
            return self._published
        finally:
            self._fetching.release()

    def _fetch(self) -> Published:
        described = self._document(self.issuer.rstrip("/") + WELL_KNOWN)
        if described.get("issuer") != self.issuer:  # Discovery 1.0, 4.3: exactly
            self._unusable("names another issuer; GRIDMAP_OIDC_ISSUER must be exactly what it calls itself")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        for name in names:
            if not isinstance(described.get(name), str) or not keeps_secrets(described[name]):
                self._unusable(f"gives no https address as {name}")
        listed = self._document(described["jwks_uri"]).get("keys")
        ways = described.get("token_endpoint_auth_methods_supported")
        return Published(
            described["authorization_endpoint"],
            described["token_endpoint"],
            idtokens.public_keys(listed if isinstance(listed, list) else ()),
            basic=not isinstance(ways, list) or "client_secret_basic" in ways,
            names_itself=described.get("authorization_response_iss_parameter_supported") is True,
        )

    def _document(self, address: str) -> dict[str, Any]:
        status, document = self._ask("GET", address)
        if status != 200:
            self._unusable(f"answers {status} at {address}")
        return document

    def _unusable(self, why: str) -> None:
        log.warning("openid provider", issuer=self.issuer, why=why)
        raise ProviderUnavailable("the provider does not describe itself as one; its log line says why")

    def _ask(self, method: str, address: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """(status, JSON object) of an answer; {} where its body is none."""
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise Busy("too many are signing in by the provider; try again in a moment")
        try:
            return _ask(method, address, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            log.warning("openid provider", issuer=self.issuer, address=address, error=type(error).__name__)
            raise ProviderUnavailable("the provider does not answer; try again in a moment") from None
        finally:
            self._slots.release()


def _ask(method: str, address: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
    deadline, body = time.monotonic() + WHOLE_SECONDS, bytearray()
    plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
    with httpx.stream(method, address, headers=plain, timeout=STEP_SECONDS, **arguments) as answer:
        for part in answer.iter_raw():
            body += part
            if time.monotonic() > deadline or len(body) > LARGEST_ANSWER:
                raise TimeoutError
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    return answer.status_code, document if isinstance(document, dict) else {}
