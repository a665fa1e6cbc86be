"""In which encoding a Shapefile's attribute table is written.

A table without .cpg carries at most a language byte that many programs set at random, so the bytes decide:
UTF-8 when every text is UTF-8, else GB18030 (the superset of GBK and GB2312) when every text is that.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gridmap.errors import BadFile

_CPG_NAMES = {
    "936": "gb18030",
    "cp936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "ansi 936": "gb18030",
}


def table_encoding(dbf: Path, cpg: Path | None, shown: str) -> str:
    """Python codec of the table. A .cpg that the bytes contradict is not believed.

    Raises BadFile(field="encoding") when neither UTF-8 nor GB18030 fits and no .cpg says anything else.
    """
    declared = _declared(cpg) if cpg else None
    texts = list(_texts(dbf))
    for codec in ([declared] if declared else []) + ["utf-8", "gb18030"]:
        if all(_fits(text, width, codec) for text, width in texts):
            return codec
    raise BadFile(
        f"the attribute table of {shown} is neither UTF-8 nor GB18030; name its encoding", field="encoding"
    )


def _declared(cpg: Path) -> str | None:
    name = cpg.read_bytes()[:64].decode("ascii", "replace").strip().lower()
    name = _CPG_NAMES.get(name, f"cp{name}" if name.isdigit() else name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _fits(text: bytes, width: int, codec: str) -> bool:
    """Whether a value decodes; the last character may be cut off where the value fills its field."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        decoder.decode(text, final=len(text) < width)
    except UnicodeDecodeError:
        return False
    return True


def _texts(dbf: Path) -> Iterator[tuple[bytes, int]]:
    """(bytes, width) of the field names and of every text value that is not plain ASCII."""
    content = dbf.read_bytes()
    if len(content) < 33:
        return
    count = int.from_bytes(content[4:8], "little")
    start = int.from_bytes(content[8:10], "little")
    size = int.from_bytes(content[10:12], "little")
    offset, columns = 1, []
    for at in range(32, min(start, len(content)) - 31, 32):
        if content[at] == 0x0D:
            break
        yield content[at : at + 11].split(b"\0")[0], 11
        width = content[at + 16]
        if content[at + 11 : at + 12] == b"C":
            width += content[at + 17] << 8
            columns.append((offset, width))
        offset += width
    rows = min(count, (len(content) - start) // size if size else 0)
    if rows <= 0:
        return
    table = np.frombuffer(content, np.uint8, rows * size, start).reshape(rows, size)
    for offset, width in columns:
        values = table[:, offset : offset + width]
        for value in values[(values >= 0x80).any(axis=1)]:
            yield value.tobytes().rstrip(b" \0"), width
