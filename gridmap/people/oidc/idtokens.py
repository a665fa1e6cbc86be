"""Checking ID tokens (OpenID Connect Core 1.0, 3.1.3.7). Pure; where keys come from is provider.py's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from gridmap.errors import NotSignedIn
from gridmap.people.oidc.model import Identity, PublicKey

# signatures that only the provider can make: neither none nor HS256, whose key the client knows too
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60  # seconds that two clocks may differ
SUBJECT_MOST = 255  # characters (Core, 2)
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
# providers put members of their own into the header; what must be understood stands in `crit`
_registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_BROKEN = (JoseError, ValueError, TypeError, KeyError, AttributeError)  # what joserfc makes of nonsense


def public_keys(documents: Iterable[Any]) -> tuple[PublicKey, ...]:
    """The keys of a JWKS that can have signed an ID token; others are passed over (RFC 7517, 5)."""
    keys = []
    for document in documents:
        try:
            key = JWKRegistry.import_key(document)
        except _BROKEN:
            continue
        if isinstance(key, RSAKey | ECKey) and key.get("use") in (None, "sig"):
            keys.append(key)
    return tuple(keys)


def signed_with(token: str) -> tuple[str, str | None]:
    """(algorithm, key id) that a token claims. Raises NotSignedIn(field="id_token")."""
    try:
        header = jws.extract_compact(token.encode(), registry=_registry).headers()
        algorithm, kid = header["alg"], header.get("kid")
    except _BROKEN:
        raise _wrong("is no signed token") from None
    if algorithm not in ALGORITHMS:
        raise _wrong("is not signed in a way that proves the provider")
    return algorithm, kid if isinstance(kid, str) else None


def key_for(keys: Iterable[PublicKey], algorithm: str, kid: str | None) -> PublicKey | None:
    """The one key that fits; None where none does, or several do."""
    fitting = [
        key
        for key in keys
        if key.key_type == _KEY_TYPES[algorithm[:2]]
        and key.get("alg") in (None, algorithm)
        and kid in (None, key.get("kid"))
    ]
    return fitting[0] if len(fitting) == 1 else None


def check(
    token: str,
    key: PublicKey,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    moment: datetime | None = None,
) -> Identity:
    """Whom a token is about. Raises NotSignedIn(field="id_token") unless it is theirs, ours, and of now."""
    rules = jwt.JWTClaimsRegistry(
        now=int((moment or datetime.now(UTC)).timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
        azp={"value": client_id},
    )
    try:
        claims = jwt.decode(token, key, registry=_registry).claims
        rules.validate(claims)
    except ClaimError as error:
        raise _wrong(f"is not for this sign-in ({error.claim})") from None
    except _BROKEN:
        raise _wrong("does not carry the provider's signature") from None
    return _identity(claims, issuer)


def _identity(claims: dict[str, Any], issuer: str) -> Identity:
    for name in ("nonce", "azp"):
        if not isinstance(claims.get(name, ""), str):  # a list that holds the right one is not the right one
            raise _wrong(f"is not for this sign-in ({name})")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise _wrong("is for several, and does not say for whom (azp)")
    subject, login = claims["sub"], claims.get("preferred_username")
    if len(subject) > SUBJECT_MOST or not subject.isprintable():
        raise _wrong("names nobody (sub)")
    return Identity(issuer, subject, login if isinstance(login, str) else None)


def _wrong(what: str) -> NotSignedIn:
    return NotSignedIn(f"what the provider said about you {what}", field="id_token")
