"""Values of signing in by way of an OpenID provider. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from joserfc.jwk import ECKey, RSAKey

PublicKey = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Published:
    """What a provider says of itself: where it is asked, and its keys. `basic`: it takes the client's secret
    as HTTP Basic; `names_itself`: each of its answers carries `iss` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    keys: tuple[PublicKey, ...]
    basic: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brings back from the provider, as it stands in the address; untrusted."""

    state: str
    code: str | None = None
    error: str | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a valid ID token is about. `subject` is lasting at its issuer; `login` is how they are called
    there now (preferred_username)."""

    issuer: str
    subject: str
    login: str | None
