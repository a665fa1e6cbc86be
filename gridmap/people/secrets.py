"""Secrets: made of 256 random bits, kept as their SHA-256. Passwords: kept as argon2id, checked in constant
time whether or not there is an account.

A fast hash is enough for what is random: nobody tries 2^256. What people choose needs a slow one.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from gridmap.errors import BadInput

PASSWORD_LEAST, PASSWORD_MOST = 10, 256
_SAID_PLAINLY = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1
_passwords = PasswordHash((Argon2Hasher(),))  # RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes


def new_secret(prefix: str = "") -> str:
    """A text that nobody can guess: 43 characters, URL-safe, behind the prefix."""
    return prefix + secrets.token_urlsafe(32)


def new_password(login: str) -> str:
    """A first password that can be read out and typed: three groups, of 59 bits together."""
    while True:
        groups = ("".join(secrets.choice(_SAID_PLAINLY) for _ in range(4)) for _ in range(3))
        password = "-".join(groups)
        if login not in password and len(set(password)) >= 4:  # as check_password wants it
            return password


def digest(secret: str) -> bytes:
    """What is stored of a secret, and looked for."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def check_password(password: str, login: str) -> None:
    """Raise BadInput(field="password") for one that should not be chosen."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise BadInput(f"give {PASSWORD_LEAST} to {PASSWORD_MOST} characters", field="password")
    if len(set(password)) < 4 or login in password.lower():
        raise BadInput(
            "is too easy to guess; four words that do not belong together do well", field="password"
        )


def hash_password(password: str) -> str:
    """argon2id with its parameters and salt, in PHC form."""
    return _passwords.hash(_plain(password))


def verify(password: str, stored: str | None) -> tuple[bool, str | None]:
    """(whether it is the password, a new hash where the stored one has other parameters than now).

    Without a stored hash it takes as long as with one, and is False.
    """
    plain = _plain(password[: PASSWORD_MOST + 1])
    try:
        right, fresh = _passwords.verify_and_update(plain, stored or _nobodys())
    except UnknownHashError:
        return False, None
    return (right, fresh) if stored is not None else (False, None)


def _plain(password: str) -> bytes:
    # the same characters whether a keyboard composes them or not
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _passwords.hash(secrets.token_bytes(32))
