"""Zip archives: those that a user gave, proved honest and small enough before anything else opens them; and
ours, whose bytes depend on nothing but what is in them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from gridmap.errors import BadFile, TooLarge

FILE_LIMIT = 2 << 30  # bytes of an imported file, unless the settings say otherwise
_CHUNK = 1 << 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # that a zip can name


def check_size(path: Path, limit: int) -> None:
    """Refuse a file that is missing, no plain file, or over `limit` bytes, before it is read.

    Raises BadFile or TooLarge.
    """
    if not path.is_file():
        raise BadFile(f"{path} is not a file", field="file")
    size = path.stat().st_size
    if size > limit:
        raise TooLarge(f"{path.name} has {size:,} bytes; the limit is {limit:,}", field="file")
    if size == 0:
        raise BadFile(f"{path.name} is empty", field="file")


def check_zip(path: Path, limit: int, *, file_name: str | None = None) -> list[zipfile.ZipInfo]:
    """Members of an archive whose contents together stay under `limit` bytes.

    The sizes in a zip's directory can lie. Every member is therefore inflated once into nothing: Python
    stops at the declared size and then fails on the checksum, so what passes here is as big as it says,
    and a library that trusts the stream more than the directory can be let at it.

    Raises BadFile (no zip, damaged, encrypted) or TooLarge.
    """
    shown = file_name or path.name
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if total > limit:
                raise TooLarge(f"{shown} unpacks to {total:,} bytes; the limit is {limit:,}", field="file")
            for member in members:
                if member.flag_bits & 0x1:
                    raise BadFile(f"{shown} is encrypted; give it without a password", field="file")
                with archive.open(member) as stream:
                    while stream.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise BadFile(f"{shown} is not a sound zip archive: {error}", field="file") from error
    return members


def pack(files: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    """A zip of files by name, in their order; the same files give the same bytes.

    Not compressed unless asked: another version of zlib may compress otherwise.
    """
    how = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, body in files.items():
            member = zipfile.ZipInfo(name, _FIRST_DAY)
            member.compress_type = how
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = 0o644 << 16
            archive.writestr(member, body)
    return stream.getvalue()
