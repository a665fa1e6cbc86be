"""One sign-in on its way to the provider and back. Pure.

What must be remembered meanwhile stands in one cookie of the browser that began: when, a random secret, and
where to go on. What the provider is told (state, nonce, the PKCE challenge) is derived from that cookie, one
way: an answer fits the browser it began in and no other, any worker can take it, and nothing is stored for
those who never come back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from gridmap.errors import NotSignedIn
from gridmap.people.secrets import new_secret

LASTS = timedelta(minutes=10)
_COOKIE = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{0,4000})")


@dataclass(frozen=True, slots=True)
class Journey:
    """`began` in seconds of Unix time; `onward`: the path to go to once signed in."""

    began: int
    secret: str
    onward: str

    @classmethod
    def begin(cls, onward: str, moment: datetime | None = None) -> Self:
        return cls(int((moment or datetime.now(UTC)).timestamp()), new_secret(), onward)

    @classmethod
    def read(cls, cookie: str | None, moment: datetime | None = None) -> Self:
        """Raises NotSignedIn(field="state") for no cookie of ours, or one that is too old."""
        foreign = NotSignedIn("this sign-in was not begun in this browser; begin again", field="state")
        found = _COOKIE.fullmatch(cookie or "")
        if found is None:
            raise foreign
        now = (moment or datetime.now(UTC)).timestamp()
        if not -60 <= now - int(found[1]) <= LASTS.total_seconds():  # the clocks of two machines differ
            minutes = int(LASTS.total_seconds() // 60)
            raise NotSignedIn(f"this sign-in took longer than {minutes} minutes; begin again", field="state")
        try:
            onward = base64.urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode(
                "utf-8", "replace"
            )
        except ValueError:
            raise foreign from None
        return cls(int(found[1]), found[2], onward)

    @property
    def cookie(self) -> str:
        return f"{self.began}.{self.secret}.{_text(self.onward.encode())}"

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """43 characters, as RFC 7636 (4.1) wants them."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """S256 of the verifier (RFC 7636, 4.2)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, purpose: str) -> str:
        return _text(hmac.digest(self.cookie.encode(), purpose.encode(), "sha256"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
