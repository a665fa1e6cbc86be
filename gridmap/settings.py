"""Settings: one frozen, typed object, read once from GRIDMAP_* variables by the app and the command line.

Nothing reads the environment at import; whoever starts something calls `Settings()` and hands it on.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gridmap.archives import FILE_LIMIT

WORKERS_MOST = 64
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")


def default_data_dir() -> Path:
    """Where data lives unless told: PostgreSQL drops root's rights, so it could not enter a 0700 /root."""
    if os.geteuid() == 0:
        return Path("/var/lib/gridmap")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "gridmap"


def keeps_secrets(address: str) -> bool:
    """Whether secrets may go to an address: over https, or within this machine.

    >>> [keeps_secrets(a) for a in ("https://id.example.cn/a", "http://127.0.0.1:9/", "http://id.example.cn")]
    [True, True, False]
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        plain = parts.username is None and parts.password is None and not parts.fragment
    except ValueError:
        return False
    if not host or not plain or not address.isprintable() or " " in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="GRIDMAP_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    data_dir: Path = Field(default_factory=default_data_dir)
    database_url: str | None = Field(None, description="a server of the user's own; else a private cluster")
    pg_bindir: Path | None = Field(None, description="folder of initdb and pg_ctl; found when not given")
    pg_user: str = Field("postgres", description="system user that runs the private cluster when we are root")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=WORKERS_MOST, description="serving processes on the one port")
    tls_cert: Path | None = Field(None, description="PEM: a certificate, then those that signed it")
    tls_key: Path | None = Field(None, description="PEM: its key, without a password")
    allowed_hosts: str = Field("", description="names it answers to, with commas, as a proxy hands them on")
    trusted_proxies: str = Field(
        "", description="addresses or networks, with commas, whose X-Forwarded-For and -Proto are believed"
    )
    time_zone: str = Field("Asia/Shanghai", description="of a new jurisdiction, and of its months")
    demonstration: bool = Field(True, description="load the demonstration district into an empty database")

    nearest_tolerance_m: float = Field(50, ge=0, le=5_000, description="outside every grid, how far is near")
    review_below: float = Field(
        0.9, gt=0, le=1, description="a placement less likely than this needs a person"
    )
    near_edge_m: float = Field(5, ge=0, description="a report this close to a grid edge is counted as near")
    pile_size: int = Field(10, ge=2, description="so many reports on exactly one coordinate are a pile")

    office_hours: str = Field(
        "08:00-12:00,14:30-18:30", description="in which terms run, on working days of the time zone"
    )
    audit_key: SecretStr | None = Field(
        None, description="Ed25519 key in hexadecimal that signs checkpoints; else one in the data folder"
    )

    oidc_issuer: str | None = Field(None, description="the OpenID provider by which people may sign in too")
    oidc_client_id: str | None = Field(None, description="what the provider calls gridmap")
    oidc_client_secret: SecretStr | None = Field(None, description="where the provider gave one")
    oidc_name: str = Field("OpenID", max_length=40, description="what the button calls the provider")
    oidc_match_login: bool = Field(
        False, description="the first sign-in links the account whose login is the preferred_username"
    )

    body_limit: int = Field(1 << 20, ge=1024, description="bytes of an HTTP request body")
    photo_limit: int = Field(10 << 20, ge=1024, description="bytes of a photo as it is sent")
    file_limit: int = Field(FILE_LIMIT, ge=1024, description="bytes of an imported file")

    basemap_tianditu_key: str | None = None
    basemap_mbtiles: Path | None = None
    basemap_gcj02_url: str | None = Field(
        None, description="Amap-type tiles: …{z}/{x}/{y}…; output is shifted"
    )
    basemap_attribution: str = ""

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, text: str) -> str:
        names = [name.strip().lower() for name in text.split(",") if name.strip()]
        for name in names:
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not a name; give it alone, as grid.example.cn, without https:// and port"
                )
        return ",".join(names)

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, text: str) -> str:
        """Named, every one: whoever is believed can say any address to be the sender's."""
        found = []
        for each in filter(None, (part.strip() for part in text.split(","))):
            try:
                found.append(str(ipaddress.ip_network(each) if "/" in each else ipaddress.ip_address(each)))
            except ValueError:
                raise ValueError(
                    f"{each!r} is not an address or a network; try 127.0.0.1 or 10.1.0.0/16"
                ) from None
        return ",".join(found)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except Exception:
            raise ValueError(f"{name!r} is not a time zone; try Asia/Shanghai") from None
        return name

    @field_validator("oidc_issuer")
    @classmethod
    def _safe(cls, address: str | None) -> str | None:
        if address is not None and (not keeps_secrets(address) or "?" in address):
            raise ValueError("give an https address (http only on this machine), without query or fragment")
        return address

    @model_validator(mode="after")
    def _whole_oidc(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError("give both GRIDMAP_OIDC_ISSUER and GRIDMAP_OIDC_CLIENT_ID, or neither")
        return self

    @model_validator(mode="after")
    def _one_basemap(self) -> Self:
        given = [self.basemap_tianditu_key, self.basemap_mbtiles, self.basemap_gcj02_url]
        if sum(v is not None for v in given) > 1:
            raise ValueError("give one of GRIDMAP_BASEMAP_TIANDITU_KEY, _MBTILES, _GCJ02_URL, not several")
        return self
