"""Text files of unknown encoding: found out among UTF-8, UTF-16 with BOM and GB18030; read by lines."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gridmap.errors import BadFile
from gridmap.tabular.model import LINE_LIMIT

_CHUNK = 1 << 18  # characters; fewer than LINE_LIMIT
_OTHER_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")
_ENCODINGS = "UTF-8 or GB18030"
# What GB18030 gives for bytes that are no Chinese text: private-use and unassigned code points, C1 controls
_NOT_TEXT = re.compile("[\ue000-\uf8ff\u0080-\u009f\ufffe\uffff\U000f0000-\U0010ffff]")


def detect_encoding(path: Path) -> str:
    """The Python codec of a text file: "utf-8-sig", "utf-16", "utf-8" or "gb18030".

    The whole file is decoded once: the first Chinese name may stand in the last row.
    Raises BadFile(field="encoding").
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8", "gb18030"]
    for name in candidates:
        if _decodes(path, name):
            return name
    raise BadFile(f"{path.name} is neither {_ENCODINGS}; name its encoding", field="encoding")


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                text = decoder.decode(chunk)
                if name == "gb18030" and _NOT_TEXT.search(text):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def open_text(path: Path, encoding: str) -> IO[str]:
    try:
        return path.open(encoding=encoding, newline="")
    except LookupError:  # an unknown name, or a codec that is not of texts ("hex")
        raise BadFile(f"{encoding!r} is not an encoding; give {_ENCODINGS}", field="encoding") from None


def lines(stream: IO[str], name: str, encoding: str) -> Iterator[str]:
    """The lines of a text, with their ends (\\n, \\r\\n or \\r). Raises BadFile."""
    return itertools.chain.from_iterable(_chunks_of_lines(stream, name, encoding))


def _chunks_of_lines(stream: IO[str], name: str, encoding: str) -> Iterator[list[str]]:
    number = 0
    begun = ""  # of a line that goes on in the next chunk
    try:
        while chunk := stream.read(_CHUNK):
            text = begun + chunk
            ends = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1
            begun = text[ends:]
            found = _split(text[:ends])
            if len(found[0] if found else begun) > LINE_LIMIT:
                raise BadFile(f"line {number + 1} of {name} is over {LINE_LIMIT:,} characters", field="file")
            number += len(found)
            yield found
        yield _split(begun)
    except UnicodeError as error:
        raise BadFile(
            f"{name} is not {encoding} after line {number} ({error}); name its encoding", field="encoding"
        ) from error


def _split(text: str) -> list[str]:
    # splitlines is three times as fast, and ends lines at more characters than files do; looking for each of
    # them is ten times as fast as a pattern of all
    if any(end in text for end in _OTHER_ENDS):
        return _LINE.findall(text)
    return text.splitlines(keepends=True)
