"""`gridmap serve`: take the port, run the application, say where to look, and end cleanly whatever ends us.

What the application does is in gridmap.faces; one serving process in server.py, several in workers.py; the
ways a terminal or a make can end are in endings.py.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from gridmap.cli.common import read_settings
from gridmap.cli.endings import watch_surroundings
from gridmap.cli.server import run
from gridmap.cli.workers import supervise
from gridmap.errors import BadInput
from gridmap.settings import WORKERS_MOST, Settings, is_loopback

UNPROTECTED = (
    "without a certificate (--tls-cert, --tls-key) passwords and tokens cross the network readable, and"
    " phones give no position and no work without a network; see the README, over the network"
)


def serve(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve until a signal; port 0 takes any free one.

    Raises BadInput when the port cannot be had or the certificate will not do, and whatever made the start
    fail (DatabaseUnavailable, …).
    """
    from gridmap.cli import certificates  # 0.1 s of imports, which other commands need not wait for

    certificate = certificates.examine(settings.tls_cert, settings.tls_key)
    listener = listen(host, port)
    scheme = "https" if certificate else "http"
    where = f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
    if not is_loopback(host):
        _say(sys.stderr, f"gridmap: whoever reaches {host} sees areas and places and may try to sign in")
        if certificate is None and not settings.trusted_proxies:
            _say(sys.stderr, "gridmap: " + UNPROTECTED)
    if certificate is not None:
        _say(sys.stderr, f"gridmap: {certificate.told()}")
    settings = settings.model_copy(update={"host": host, "workers": workers})

    def ready() -> None:
        _say(sys.stdout, f"gridmap: {where}")

    if workers > 1:
        supervise(settings, listener, workers, ready)
    elif failure := run(settings, listener, watch=watch_surroundings, on_ready=ready):
        raise failure


def listen(host: str, port: int) -> socket.socket:
    """The bound socket of the service. Raises BadInput naming GRIDMAP_PORT or GRIDMAP_HOST."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise BadInput(f"{host!r} is not an address; give 127.0.0.1", field="GRIDMAP_HOST") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise BadInput(
                f"{host} is not an address of this machine; give 127.0.0.1", field="GRIDMAP_HOST"
            ) from None
        why = "taken" if error.errno == errno.EADDRINUSE else f"refused ({error.strerror})"
        raise BadInput(
            f"port {port} on {host} is {why}; set it to a free one, for example GRIDMAP_PORT=8080",
            field="GRIDMAP_PORT",
        ) from None
    return listener


def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on (GRIDMAP_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port (GRIDMAP_PORT); 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=WORKERS_MOST, help="Serving processes (GRIDMAP_WORKERS).")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Certificate, PEM: serve by https (GRIDMAP_TLS_CERT).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM (GRIDMAP_TLS_KEY).")] = None,
) -> None:
    """Start the service and say in one line where to look. Ctrl-C ends it."""
    settings = read_settings()
    given = {"tls_cert": tls_cert, "tls_key": tls_key}
    settings = settings.model_copy(update={name: path for name, path in given.items() if path is not None})
    serve(
        settings,
        settings.host if host is None else host,
        settings.port if port is None else port,
        settings.workers if workers is None else workers,
    )


def _say(stream: object, line: str) -> None:
    """Print; a reader that has gone away is no reason to stop serving."""
    try:
        print(line, file=stream, flush=True)  # type: ignore[call-overload]
    except OSError:
        # Python flushes again at exit, and would turn the exit code into 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
