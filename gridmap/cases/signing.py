"""The key that signs checkpoints: Ed25519, made at first use in the data folder, or GRIDMAP_AUDIT_KEY.

The key file holds 32 bytes in hexadecimal, readable by its owner only. Whoever verifies needs but the public
key, which every checkpoint carries; that it is the right one is to be known from elsewhere.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gridmap.errors import BadInput
from gridmap.settings import Settings

FILE = "audit.key"


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key of the settings, or of the data folder, where it is made if there is none yet.

    Raises BadInput(field="GRIDMAP_AUDIT_KEY") for what is no key.
    """
    if settings.audit_key is not None:
        return _key(settings.audit_key.get_secret_value(), "GRIDMAP_AUDIT_KEY")
    path = settings.data_dir / FILE
    try:
        return _key(path.read_text(encoding="ascii"), str(path))
    except FileNotFoundError:
        return _made(path)


def known_key(settings: Settings) -> Ed25519PrivateKey | None:
    """The same where there is one; none is made."""
    made = settings.audit_key is not None or (settings.data_dir / FILE).exists()
    return signing_key(settings) if made else None


def _made(path: Path) -> Ed25519PrivateKey:
    """A new key in a new file; another process that makes one at the same time wins or loses as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f"{FILE}.{os.getpid()}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(waiting, path)
    finally:
        waiting.unlink()
    return _key(path.read_text(encoding="ascii"), str(path))


def _key(text: str, where: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise BadInput("is no Ed25519 key: give 32 bytes as 64 hexadecimal digits", field=where) from None


def public_of(key: Ed25519PrivateKey) -> bytes:
    """32 bytes."""
    return key.public_key().public_bytes_raw()


def signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the holder of the key to `public` (32 bytes) signed this text."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
