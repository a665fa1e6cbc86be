"""One serving process: uvicorn around the application, and what it says to its log."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from gridmap.settings import Settings

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
REQUESTS_MAY_TAKE = 3  # seconds that requests under way have when the service ends


class Server(uvicorn.Server):
    """uvicorn's server with our signals: HUP ends it too, and a second Ctrl-C does not skip the clean end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        on_ending_signals(self.end)
        yield

    def end(self) -> None:
        """End; connections that follow the news are told first, the others may finish their requests."""
        self.config.app.state.service.ending = True  # type: ignore[union-attr]
        self.should_exit = True


def on_ending_signals(end: Callable[[], None]) -> None:
    """Call `end` at INT, TERM and HUP; under nohup the end of the terminal is nothing."""
    for number in ENDING_SIGNALS:
        under_nohup = number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
        if not under_nohup:
            signal.signal(number, lambda *_: end())


def run(
    settings: Settings,
    listener: socket.socket,
    *,
    watch: Callable[[Callable[[], None]], None],
    on_ready: Callable[[], None],
) -> BaseException | None:
    """Serve on a bound socket until a signal. -> what made the start fail, if anything did.

    `watch` is given what ends the server, to call it for reasons of its own, from any thread.
    """
    from gridmap.faces.app import create_app  # seconds of imports, which a taken port need not wait for

    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        server.end()

    speak_plainly()
    server = Server(
        uvicorn.Config(
            create_app(settings, on_ready=on_ready, on_failure=failed),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            # sign-ins are counted by address: nobody may say another one, but for a proxy that is named
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            **_tls(settings),
            timeout_graceful_shutdown=REQUESTS_MAY_TAKE,
        )
    )
    watch(server.end)
    server.run(sockets=[listener])
    return failures[0] if failures else None


def _tls(settings: Settings) -> dict[str, Any]:
    cert, key = settings.tls_cert, settings.tls_key
    if cert is None or key is None:
        return {}
    from gridmap.cli import certificates

    return {"ssl_context_factory": lambda *_: certificates.context(cert, key)}


def speak_plainly() -> None:
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
