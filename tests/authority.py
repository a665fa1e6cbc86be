"""A certificate authority for tests, and what it signs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


def pem(key: Key, password: bytes | None = None) -> bytes:
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)


@dataclass(frozen=True)
class Authority:
    """Its key and certificate; `file` is what clients trust."""

    folder: Path
    key: Key
    certificate: x509.Certificate

    @classmethod
    def new(cls, folder: Path) -> Authority:
        key, name = ec.generate_private_key(ec.SECP256R1()), _name("Test Authority")
        begin = datetime.now(UTC) - timedelta(days=400)
        builder = _builder(name, name, key, begin, begin + timedelta(days=4000))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = cls(folder, key, builder.sign(key, hashes.SHA256()))
        made.file.write_bytes(made.certificate.public_bytes(Encoding.PEM))
        return made

    @property
    def file(self) -> Path:
        return self.folder / "authority.crt"

    def issue(self, name: str = "service", *, begin: int = -1, end: int = 90) -> tuple[Path, Path]:
        """Files (certificate, key) for localhost and 127.0.0.1, valid from and to so many days from now."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        builder = _builder(
            _name(name), self.certificate.subject, key, now + timedelta(days=begin), now + timedelta(days=end)
        )
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        signed = builder.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        files[0].write_bytes(signed.public_bytes(Encoding.PEM))
        files[1].write_bytes(pem(key))
        return files


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(begin).not_valid_after(end)
