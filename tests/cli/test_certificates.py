"""A certificate that will not do is said before anything starts, with its field; so are settings of names."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from gridmap.cli.certificates import CERT, KEY, context, examine
from gridmap.errors import BadInput
from gridmap.settings import Settings
from tests.authority import Authority, pem

Files = tuple[Path | None, Path | None]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.new(tmp_path)


def _written(authority: Authority, name: str, content: bytes) -> Path:
    path = authority.folder / name
    path.write_bytes(content)
    return path


def _locked(authority: Authority) -> Files:
    cert, _ = authority.issue()
    locked = pem(ec.generate_private_key(ec.SECP256R1()), b"secret")
    return cert, _written(authority, "locked.key", locked)


def _binary(authority: Authority) -> Files:
    _, key = authority.issue()
    return _written(authority, "binary.crt", authority.certificate.public_bytes(Encoding.DER)), key


WRONG: dict[str, tuple[Callable[[Authority], Files], str, str]] = {
    "no key": (lambda a: (a.issue()[0], None), KEY, "both"),
    "no certificate": (lambda a: (None, a.issue()[1]), CERT, "both"),
    "missing": (lambda a: (a.folder / "none.crt", a.issue()[1]), CERT, "cannot be read: No such file"),
    "a folder": (lambda a: (a.issue()[0], a.folder), KEY, "cannot be read: Is a directory"),
    "a binary one": (_binary, CERT, "not a certificate in PEM form"),
    "a key for a certificate": (
        lambda a: (a.issue()[1], a.issue()[1]),
        CERT,
        "not a certificate in PEM form",
    ),
    "a certificate for a key": (
        lambda a: (a.issue()[0], a.issue("b")[0]),
        KEY,
        "not a private key in PEM form",
    ),
    "a locked key": (_locked, KEY, "openssl pkey -in"),
    "another key": (lambda a: (a.issue()[0], a.issue("b")[1]), KEY, "not the key of the first certificate"),
    "over": (lambda a: a.issue(begin=-9, end=-1), CERT, "expired on 20"),
    "not yet": (lambda a: a.issue(begin=2, end=9), CERT, "only valid from 20"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_will_not_do_is_said_with_its_field(authority: Authority, wrong: str) -> None:
    make, field, says = WRONG[wrong]
    with pytest.raises(BadInput, match=says) as refused:
        examine(*make(authority))
    assert refused.value.field == field


def test_a_file_that_may_not_be_read_is_said(authority: Authority, monkeypatch) -> None:
    """As root every file can be read, so the system's refusal is made here."""
    cert, key = authority.issue()

    def refused(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(BadInput, match=f"{CERT}: {cert} cannot be read: Permission denied"):
        examine(cert, key)


def test_without_either_there_is_none() -> None:
    assert examine(None, None) is None


def test_a_good_one_says_for_whom_and_until_when(authority: Authority) -> None:
    found = examine(*authority.issue(end=90))
    assert found is not None
    assert found.names == ("localhost", "127.0.0.1")
    until = datetime.now(UTC) + timedelta(days=90)
    assert found.told() == f"certificate for localhost, 127.0.0.1, valid until {until:%Y-%m-%d %H:%M} UTC"
    assert found.told(until - timedelta(days=10)).endswith(": 9 days left, make a new one")


def test_nothing_older_than_tls_1_2_is_spoken(authority: Authority) -> None:
    assert context(*authority.issue()).minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("names", ["https://grid.example.cn", "grid.example.cn:8443", "*", "a b", "a/b", "-"])
def test_what_is_no_name_is_no_setting(names: str) -> None:
    with pytest.raises(ValidationError, match="is not a name"):
        Settings(allowed_hosts=names)


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.1.0.5/16", "300.0.0.1"])
def test_a_proxy_is_believed_by_its_address_only(proxies: str) -> None:
    with pytest.raises(ValidationError, match="is not an address or a network"):
        Settings(trusted_proxies=proxies)


def test_names_and_proxies_are_lists() -> None:
    settings = Settings(allowed_hosts=" Grid.example.cn, [FD00::1],", trusted_proxies="10.1.0.0/16, ::1")
    assert settings.allowed_hosts == "grid.example.cn,[fd00::1]"
    assert settings.trusted_proxies == "10.1.0.0/16,::1"
