"""Signing in by way of a provider, from the first click to the session.

A use case over a database: no transaction waits while the provider is asked. Nothing of a code or token
reaches a log or a message.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from gridmap.database.sessions import Database
from gridmap.errors import NotSignedIn
from gridmap.people import sessions, throttle
from gridmap.people.oidc import links
from gridmap.people.oidc.journey import Journey
from gridmap.people.oidc.model import Answer, Identity
from gridmap.people.oidc.provider import Provider
from gridmap.people.signing import SignedIn


def finish(
    database: Database,
    provider: Provider,
    journey: Journey,
    answer: Answer,
    redirect_url: str,
    address: str,
    moment: datetime | None = None,
) -> SignedIn | Identity:
    """Begin a session for whom the provider answers for; their identity, where it is linked to no account.

    `address`: whom the attempt is from, for the throttle. Raises NotSignedIn naming what does not hold
    (`state`: not this journey's, or used before; `provider`: it refused; `code`; `id_token`; `account`: out
    of use), TooMany, ProviderUnavailable, Busy.
    """
    code = _code(provider, journey, answer)
    with database.writing() as connection:
        used, sender = throttle.count_use(connection, journey.cookie, address, moment)
    throttle.refuse((0, 0, sender))
    if used > 1:
        raise NotSignedIn("this sign-in was used already; begin again", field="state")
    token = provider.redeem(code, journey, redirect_url)
    identity = provider.identity(token, journey.nonce, moment)
    with database.writing() as connection:
        account = links.account_of(connection, identity, match_login=database.settings.oidc_match_login)
        if account is None:
            return identity
        if account.disabled:
            raise NotSignedIn("this account is out of use; ask the office", field="account")
        return SignedIn(account, sessions.begin(connection, account, moment))


def _code(provider: Provider, journey: Journey, answer: Answer) -> str:
    """What an answer brings, once it is known to be one to this journey, from this provider."""
    if not hmac.compare_digest(answer.state.encode(), journey.state.encode()):
        raise NotSignedIn("this is not the sign-in that was begun in this browser", field="state")
    if answer.issuer is None and provider.published().names_itself:
        raise NotSignedIn("the answer does not say from which provider it is", field="provider")
    if answer.issuer not in (None, provider.issuer):
        raise NotSignedIn("the answer is from another provider", field="provider")
    if answer.error is not None or not answer.code:
        raise NotSignedIn("the provider did not sign you in", field="provider")
    return answer.code
