"""`gridmap serve` over TLS and behind a proxy: real handshakes, an authority of our own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gridmap.areas import store as areas
from gridmap.people import accounts
from gridmap.people.throttle import LOGIN_THERE
from tests.authority import Authority
from tests.faces.conftest import TOWN
from tests.lifecycle.running import Running, reachable_folder, workers_of
from tests.lifecycle.test_workers import eventually
from tests.signing_in import owners

LOGIN, PASSWORD = "li", "four lamps in the square"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority.new(folder)


@pytest.fixture
def begin(start, folder: Path, make_settings):
    """begin(**variables) -> (service that is ready, its URL), on a database of its own."""

    def begin(**variables: object) -> tuple[Running, str]:
        settings = make_settings(demonstration=False)
        with owners(settings) as database, database.writing() as connection:
            areas.add_jurisdiction(connection, TOWN)
            accounts.add(connection, TOWN, LOGIN, roles=["office"], password=PASSWORD, by="tests")
        given = {f"GRIDMAP_{name.upper()}": str(value) for name, value in variables.items()}
        service = start(folder, GRIDMAP_DATABASE_URL=str(settings.database_url), **given)
        said = service.process.stdout.readline()
        assert said.startswith("gridmap: http"), service.process.communicate()
        return service, said.removeprefix("gridmap: ").strip()

    return begin


def sign_in(url: str, password: str = PASSWORD, **options: object) -> httpx.Response:
    return httpx.post(f"{url}sign-in", data={"login": LOGIN, "password": password}, **options)


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority.file)


def spoken(service: Running, authority: Authority, newest: ssl.TLSVersion) -> str | None:
    """The version of TLS that client and service agree on, for a client that knows none newer."""
    client = trusting(authority)
    client.set_ciphers("ALL:@SECLEVEL=0")  # else OpenSSL's client refuses the old ones by itself
    client.minimum_version, client.maximum_version = ssl.TLSVersion.TLSv1, newest
    with (
        socket.create_connection(("127.0.0.1", service.port), timeout=20) as plain,
        client.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.version()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_served_by_https_from_one_worker_and_from_several(
    begin, authority: Authority, workers: int
) -> None:
    cert, key = authority.issue(f"of{workers}")
    host = "127.0.0.1" if workers == 1 else "0.0.0.0"
    service, url = begin(tls_cert=cert, tls_key=key, workers=workers, host=host)
    assert url == f"https://{host}:{service.port}/"
    url = f"https://127.0.0.1:{service.port}/"
    if workers > 1:
        eventually(lambda: len(workers_of(service)) == workers)
    for _ in range(6):
        answer = httpx.get(f"{url}healthz", verify=trusting(authority))
        assert answer.json() == {"status": "ok"}
        assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "secure" in sign_in(url, verify=trusting(authority)).headers["set-cookie"].lower()
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(url)
    assert spoken(service, authority, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert spoken(service, authority, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.raises(ssl.SSLError):
        spoken(service, authority, ssl.TLSVersion.TLSv1_1)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url.replace("https", "http"))
    assert httpx.get(f"{url}healthz", verify=trusting(authority)).status_code == 200
    assert service.end() == 0
    _, err = service.process.communicate()
    assert "gridmap: certificate for localhost, 127.0.0.1, valid until 20" in err
    assert UNPROTECTED not in err
    assert "Traceback" not in err


def test_a_certificate_that_will_not_do_ends_the_start(start, folder: Path, authority: Authority) -> None:
    cert, key = authority.issue("over", begin=-9, end=-1)
    service = start(folder, GRIDMAP_TLS_CERT=str(cert), GRIDMAP_TLS_KEY=str(key))
    out, err = service.process.communicate(timeout=60)
    assert (service.process.returncode, out) == (2, "")
    assert err.startswith("gridmap: GRIDMAP_TLS_CERT: expired on ")
    assert len(err.splitlines()) == 1


SECURE = "strict-transport-security"  # what only comes where the visitor's own connection is TLS
UNPROTECTED = "without a certificate (--tls-cert, --tls-key)"
TOLD = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9", "host": "grid.example.cn"}


def guessed(url: str, addresses: list[str]) -> list[int]:
    """What wrong passwords are answered with, that a header says come from these addresses."""
    return [
        sign_in(url, "a wrong password", headers={"x-forwarded-for": each}).status_code for each in addresses
    ]


def test_a_named_proxy_is_believed(begin) -> None:
    service, _ = begin(host="0.0.0.0", allowed_hosts="grid.example.cn", trusted_proxies="127.0.0.1")
    url = f"http://127.0.0.1:{service.port}/"
    answer = httpx.get(f"{url}healthz", headers=TOLD)
    assert answer.status_code == 200
    assert SECURE in answer.headers
    assert SECURE not in httpx.get(f"{url}healthz").headers
    assert httpx.get(url, headers=TOLD | {"host": "evil.example"}).status_code == 421
    assert "secure" in sign_in(url, headers=TOLD).headers["set-cookie"].lower()
    one, other = "198.51.100.1", "198.51.100.2"
    assert guessed(url, [one] * (LOGIN_THERE + 1)) == [401] * LOGIN_THERE + [429]
    assert guessed(url, [other, f"{other}, 127.0.0.1", f"{one}, {other}"]) == [401] * 3, "another address"
    assert service.end() == 0
    assert UNPROTECTED not in service.process.communicate()[1], "the proxy has the certificate"


def test_nobody_else_is_believed_and_plain_http_beyond_this_machine_is_warned_about(begin) -> None:
    service, _ = begin(host="0.0.0.0")
    url = f"http://127.0.0.1:{service.port}/"
    answer = httpx.get(f"{url}healthz", headers=TOLD)
    assert answer.status_code == 200, "bound to every address it answers to any name"
    assert SECURE not in answer.headers
    assert "secure" not in sign_in(url, headers=TOLD).headers["set-cookie"].lower()
    addresses = [f"198.51.100.{n}" for n in range(LOGIN_THERE + 1)]
    assert guessed(url, addresses) == [401] * LOGIN_THERE + [429], "all of them are one"
    assert service.end() == 0
    assert UNPROTECTED in service.process.communicate()[1]
