"""`gridmap serve`: take the port, run the application, say where to look, and end cleanly whatever ends us.

What the application does is in gridmap.faces; the ways a terminal or a make can end are in cli/endings.py.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer
import uvicorn

from gridmap.cli.common import read_settings
from gridmap.cli.endings import watch_surroundings
from gridmap.errors import BadInput
from gridmap.settings import Settings

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
REQUESTS_MAY_TAKE = 3  # seconds that requests under way have when the service ends


class Server(uvicorn.Server):
    """uvicorn's server with our signals: HUP ends it too, and a second Ctrl-C does not skip the clean end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in ENDING_SIGNALS:
            under_nohup = number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
            if not under_nohup:
                signal.signal(number, lambda *_: self.end())
        yield

    def end(self) -> None:
        self.should_exit = True


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal; port 0 takes any free one.

    Raises BadInput when the port cannot be had, and whatever made the start fail (DatabaseUnavailable, …).
    """
    listener = listen(host, port)
    from gridmap.faces.app import create_app  # seconds of imports, which a taken port need not wait for

    where = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        server.end()

    _speak_plainly()
    if not _is_loopback(host):
        _say(sys.stderr, f"gridmap: whoever reaches {host} can read and write; there are no accounts yet")
    settings = settings.model_copy(update={"host": host})
    app = create_app(settings, on_ready=lambda: _say(sys.stdout, f"gridmap: {where}"), on_failure=failed)
    server = Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=REQUESTS_MAY_TAKE,
        )
    )
    watch_surroundings(server.end)
    server.run(sockets=[listener])
    if failures:
        raise failures[0]


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
) -> None:
    """Start the service and say in one line where to look. Ctrl-C ends it."""
    settings = read_settings()
    serve(settings, settings.host if host is None else host, settings.port if port is None else port)


def _speak_plainly() -> None:
    """Warnings and worse to stderr, no access log. `logging` forgives a stderr that is gone."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    logging.raiseExceptions = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _say(stream: object, line: str) -> None:
    """Print; a reader that has gone away is no reason to stop serving."""
    try:
        print(line, file=stream, flush=True)  # type: ignore[call-overload]
    except OSError:
        # Python flushes again at exit, and would turn the exit code into 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
