"""The certificate that `gridmap serve` shows: looked through before anything starts, then given to it.

Making one is the README's business (an authority of one's own, by openssl).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gridmap.errors import BadInput

CERT, KEY = "GRIDMAP_TLS_CERT", "GRIDMAP_TLS_KEY"
SOON_DAYS = 30  # before its end a certificate is said to need a new one


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says: the names and addresses it is for, and its last moment (UTC)."""

    names: tuple[str, ...]
    valid_until: datetime

    def told(self, now: datetime | None = None) -> str:
        """One line for whoever starts the service."""
        left = (self.valid_until - (now or datetime.now(UTC))).days
        soon = f": {left} days left, make a new one" if left < SOON_DAYS else ""
        names = ", ".join(self.names) or "no name, so browsers refuse it"
        return f"certificate for {names}, valid until {_day(self.valid_until)}{soon}"


def examine(cert: Path | None, key: Path | None, now: datetime | None = None) -> Certificate | None:
    """The certificate of two PEM files; None without any: pages are then plain HTTP.

    Raises BadInput naming GRIDMAP_TLS_CERT or GRIDMAP_TLS_KEY for what would only be seen at the first visit:
    one file without the other, unreadable, not what it should be, a key of something else, not valid now.
    """
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise BadInput("give a certificate and its key, both", field=CERT if cert is None else KEY)
    first = _certificate(cert)
    _same_key(first, _key(key), cert)
    _valid(first, now or datetime.now(UTC))
    context(cert, key)
    return Certificate(_names(first), first.not_valid_after_utc)


def context(cert: Path, key: Path) -> ssl.SSLContext:
    """What a server speaks TLS with, 1.2 or newer. Raises BadInput(field=GRIDMAP_TLS_CERT)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(cert, key, password=lambda: "")  # else OpenSSL asks the terminal for it
    except (ssl.SSLError, OSError) as error:
        why = getattr(error, "reason", None) or error.strerror or "it does not say why"
        raise BadInput(f"OpenSSL refuses {cert}: {why.lower().replace('_', ' ')}", field=CERT) from None
    return made


def _read(path: Path, field: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", field=field) from None


def _certificate(path: Path) -> x509.Certificate:
    """The first of the file, which is the service's own; those that signed it may follow."""
    try:
        return x509.load_pem_x509_certificates(_read(path, CERT))[0]
    except ValueError:
        raise BadInput(
            f"{path} is not a certificate in PEM form, which has a line -----BEGIN CERTIFICATE-----",
            field=CERT,
        ) from None


def _key(path: Path) -> PrivateKeyTypes:
    text = _read(path, KEY)
    try:
        return load_pem_private_key(text, password=None)
    except TypeError:
        raise BadInput(
            f"{path} is locked by a password, which nobody can type when the service starts;"
            f" unlock it: openssl pkey -in {path} -out unlocked.key",
            field=KEY,
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput(
            f"{path} is not a private key in PEM form, which has a line -----BEGIN PRIVATE KEY-----",
            field=KEY,
        ) from None


def _same_key(certificate: x509.Certificate, key: PrivateKeyTypes, path: Path) -> None:
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if certificate.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise BadInput(f"is not the key of the first certificate in {path}", field=KEY)


def _valid(certificate: x509.Certificate, now: datetime) -> None:
    if now > certificate.not_valid_after_utc:
        raise BadInput(f"expired on {_day(certificate.not_valid_after_utc)}; make a new one", field=CERT)
    if now < certificate.not_valid_before_utc:
        raise BadInput(
            f"is only valid from {_day(certificate.not_valid_before_utc)}; is this machine's clock right?",
            field=CERT,
        )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        given = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = given.get_values_for_type(x509.IPAddress)
    return (*given.get_values_for_type(x509.DNSName), *(str(each) for each in addresses))


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
