"""Image files as phones, scanners and mischief makers send them, all made by Pillow here."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base

KINDS = ("JPEG", "PNG", "WEBP")
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (20, 140, 40), (30, 40, 190), (220, 200, 40)
MAKER, COMMENT, HTML = b"SECRETCAM 9", b"taken at home", b"<script>alert(document.domain)</script>"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>SECRETXMP</rdf:RDF></x:xmpmeta>'
IPTC = b"Photoshop 3.0\x008BIM\x04\x04SECRETIPTC"


def upright(width: int = 96, height: int = 64) -> np.ndarray:
    """(height, width, 3): red, green above, blue, yellow below, the left part the narrower."""
    picture = np.empty((height, width, 3), np.uint8)
    middle, third = height // 2, width // 3
    picture[:middle, :third], picture[:middle, third:] = RED, GREEN
    picture[middle:, :third], picture[middle:, third:] = BLUE, YELLOW
    return picture


def stored_as(picture: np.ndarray, orientation: int) -> np.ndarray:
    """The rows and columns that a camera stores, after Exif's words for tag 0x0112.

    "The 0th row is at the visual … of the image, the 0th column at the visual …".
    """
    row, column = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    if row in ("left", "right"):
        picture = picture.swapaxes(0, 1)
    if row in ("bottom", "right"):
        picture = picture[::-1]
    if column in ("bottom", "right"):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its name, the position, how it was held."""
    notes = Image.Exif()
    notes[Base.Make] = MAKER.decode()
    notes[Base.Orientation] = orientation
    notes.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (36.0, 37.0, 12.3456),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (109.0, 28.0, 48.7654),
        }
    )
    return notes


def file(picture: np.ndarray | Image.Image | None = None, kind: str = "JPEG", **options: Any) -> bytes:
    """`picture`, or the upright one, as a file."""
    if picture is None:
        picture = upright()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    if kind == "JPEG":
        options = {"quality": 95, "subsampling": "4:4:4"} | options
    if kind == "WEBP":
        options = {"lossless": True} | options
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def telling(kind: str = "JPEG", picture: np.ndarray | None = None) -> bytes:
    """A file with every sort of note that its kind can carry."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes: dict[str, Any] = {"exif": exif(), "icc_profile": profile}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        texts.add_text("Comment", COMMENT.decode())
        return file(picture, kind, pnginfo=texts, dpi=(300, 300), **notes)
    if kind == "WEBP":
        return file(picture, kind, xmp=XMP, **notes)
    body = file(picture, kind, xmp=XMP, comment=COMMENT + HTML, dpi=(300, 300), **notes)
    thumbnail = segment(0xE1, b"Exif\0\0II*\0" + file(np.zeros((8, 8, 3), np.uint8)))
    return body[:2] + segment(0xED, IPTC) + thumbnail + body[2:] + b"PK\x03\x04behind the end" + HTML


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG that says what it is told to, compressed rows and all."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    )


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG from SOI to EOI (ISO/IEC 10918-1, B.1.1). Nothing may follow."""
    assert jpeg[:2] == b"\xff\xd8"
    found, at = [0xD8], 2
    while True:
        assert jpeg[at] == 0xFF, at
        marker = jpeg[at + 1]
        found.append(marker)
        if marker == 0xD9:
            assert at + 2 == len(jpeg), "something follows the end"
            return found
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if marker == 0xDA:  # entropy-coded data: up to the next marker that is no stuffing and no restart
            while jpeg[at] != 0xFF or jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
                at += 1


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(jpeg))).astype(int)
