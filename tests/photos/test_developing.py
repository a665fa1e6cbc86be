"""Whatever image comes in, a plain upright JPEG comes out, or a refusal; nothing else of the file does."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gridmap.errors import BadImage, TooLarge
from gridmap.photos.developing import develop
from tests.photos import pictures
from tests.photos.pictures import KINDS, file, pixels, segments, stored_as, telling, upright

SOI, APP0, DQT, SOF2, DHT, SOS, EOI = 0xD8, 0xE0, 0xDB, 0xC2, 0xC4, 0xDA, 0xD9


def plain(jpeg: bytes) -> None:
    """A progressive JPEG of its JFIF head, tables and data alone."""
    markers = segments(jpeg)
    assert set(markers) == {SOI, APP0, DQT, SOF2, DHT, SOS, EOI}
    assert markers.count(APP0) == 1
    assert jpeg[6:11] == b"JFIF\0"
    assert jpeg[13:20] == bytes([0, 0, 1, 0, 1, 0, 0]), "resolution or a thumbnail in the JFIF head"


def alike(found: np.ndarray, wanted: np.ndarray) -> bool:
    """The same but for what compressing does at edges of colours."""
    return found.shape == wanted.shape and float(np.abs(found - wanted).mean()) < 5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(kind, orientation) -> None:
    sent = file(stored_as(upright(), orientation), kind, exif=pictures.exif(orientation))
    made = develop(sent)
    assert (made.width, made.height) == (96, 64)
    for body in (made.body, made.small):
        assert alike(pixels(body), upright())
        plain(body)
    others = [o for o in range(1, 9) if o != orientation]
    assert not any(alike(pixels(made.body), stored_as(upright(), other)) for other in others if other > 1)


def test_orientation_that_xmp_alone_tells() -> None:
    note = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert alike(pixels(develop(file(stored_as(upright(), 6), xmp=note)).body), upright())


@pytest.mark.parametrize("notes", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 40])
def test_broken_notes_do_not_break_the_picture(notes) -> None:
    assert alike(pixels(develop(file(exif=notes)).body), upright())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_file_lives_on(kind) -> None:
    sent = telling(kind)
    position = pictures.exif().tobytes()
    told = [pictures.MAKER, pictures.XMP, b"SECRET", b"Exif", b"ICC", b"acsp", position[-40:-8]]
    if kind == "PNG":
        told += [pictures.COMMENT]
    if kind == "JPEG":
        told += [pictures.COMMENT, pictures.HTML, pictures.IPTC, b"8BIM", b"PK\x03\x04", b"<script"]
    assert sum(secret in sent for secret in told) >= len(told) - 2  # PNG packs its profile
    made = develop(sent)
    for body in (made.body, made.small):
        plain(body)
        assert not any(secret in body for secret in told)
        image = Image.open(BytesIO(body))
        assert not image.getexif()
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                     "progression"}  # fmt: skip
    assert alike(pixels(made.body), upright())


@settings(max_examples=40)
@given(st.binary(min_size=16, max_size=400), st.sampled_from([0xE1, 0xE2, 0xED, 0xFE, 0xE5]))
def test_no_segment_gets_through(secret: bytes, marker: int) -> None:
    """Whatever an application segment or comment holds, Pillow's readers of it included."""
    body = file()
    made = develop(body[:2] + pictures.segment(marker, secret) + body[2:])
    plain(made.body)
    assert alike(pixels(made.body), upright()) or marker == 0xE1  # which may turn it
    assert secret not in made.body


@pytest.mark.parametrize(
    ("size", "full", "small"),
    [
        ((3000, 1000), (2048, 683), (480, 160)),
        ((2048, 10), (2048, 10), (480, 2)),
        ((40, 30), (40, 30), (40, 30)),
        ((9000, 1), (2048, 1), (480, 1)),
        ((4200, 8500), (1012, 2048), (237, 480)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_sizes(size, full, small, kind) -> None:
    if kind == "PNG" and size[0] * size[1] > 25_000_000:
        return
    made = develop(file(Image.new("RGB", size, (200, 30, 30)), kind))
    assert (made.width, made.height) == full
    assert Image.open(BytesIO(made.body)).size == full
    assert Image.open(BytesIO(made.small)).size == small
    assert alike(pixels(made.body), np.full((*full[::-1], 3), (200, 30, 30)))


def test_a_large_photo_is_small_and_looks_the_same() -> None:
    """Decoding a JPEG at half its size must not shift or tear it."""
    sent = Image.fromarray(upright(96, 64)).resize((4800, 3200), Image.Resampling.NEAREST)
    made = develop(file(sent))
    assert (made.width, made.height) == (2048, 1365)
    assert alike(pixels(made.body), np.asarray(sent.resize((2048, 1365))).astype(int))
    assert len(made.small) < len(made.body) < 100_000


def _grey(depth: int) -> bytes:
    value = {1: b"\x80", 8: b"\x80", 16: b"\x80\x00"}[depth]
    return pictures.png(1, 1, depth, 0, b"\0" + value)


def _see_through(mode: str, *, alpha: int = 0) -> bytes:
    return file(Image.new("RGBA", (16, 16), (200, 30, 30, alpha)).convert(mode), "PNG")


def _palette(**options) -> bytes:
    return file(Image.new("RGB", (16, 16), (200, 30, 30)).quantize(2), "PNG", **options)


@pytest.mark.parametrize(
    ("sent", "colour"),
    [
        (_grey(1), (255, 255, 255)),
        (_grey(8), (128, 128, 128)),
        (_grey(16), (128, 128, 128)),
        (pictures.png(1, 1, 16, 2, b"\0\xc8\0\x1e\0\x1e\0"), (200, 30, 30)),
        (pictures.png(1, 1, 16, 6, b"\0\xc8\0\x1e\0\x1e\0\xff\xff"), (200, 30, 30)),
        (_see_through("RGBA"), (255, 255, 255)),
        (_see_through("RGBA", alpha=255), (200, 30, 30)),
        (_see_through("RGBA", alpha=128), (227, 142, 142)),
        (_see_through("LA"), (255, 255, 255)),
        (file(Image.new("RGBA", (16, 16), (200, 30, 30, 0)), "WEBP"), (255, 255, 255)),
        (_palette(), (200, 30, 30)),
        (_palette(transparency=bytes(256)), (255, 255, 255)),
        (file(Image.new("RGB", (16, 16), (9, 9, 9)), "PNG", transparency=(9, 9, 9)), (255, 255, 255)),
        (file(Image.new("L", (16, 16), 90), "PNG", transparency=90), (255, 255, 255)),
        (file(Image.new("L", (16, 16), 90)), (90, 90, 90)),
        (file(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), subsampling="4:4:4"), (255, 0, 0)),
    ],
)
def test_colours(sent, colour) -> None:
    """Every way to store a colour; what shows through shows white paper."""
    made = pixels(develop(sent).body)
    assert made.shape[2] == 3
    assert np.abs(made - colour).max() <= 6


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
def test_of_several_pictures_the_first(kind) -> None:
    first, second = (Image.fromarray(upright()), Image.new("RGB", (96, 64), "white"))
    options = {"save_all": True, "append_images": [second]} | ({} if kind == "MPO" else {"duration": 100})
    sent = file(first, kind, **options)
    assert Image.open(BytesIO(sent)).n_frames == 2
    made = develop(sent)
    assert alike(pixels(made.body), upright())
    plain(made.body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_gives_the_same_bytes(kind) -> None:
    sent = telling(kind)
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(develop, [sent] * 8))
    assert len(made) == 1


def _jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose frame header claims this size."""
    body = bytearray(file())
    at = body.index(b"\xff\xc0")
    body[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(body)


def _webp_of(width: int, height: int) -> bytes:
    """Two small frames on a canvas that claims this size."""
    frames = [Image.new("RGBA", (8, 8), colour) for colour in ("red", "blue")]
    body = bytearray(file(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    assert body[12:16] == b"VP8X"
    body[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(body)


@pytest.mark.parametrize(
    "bomb",
    [
        pictures.png(20_000, 20_000, 1, 0, bytes(2501 * 20_000)),  # 50 MB of rows in 50 kB
        pictures.png(2**31 - 1, 2**31 - 1, 8, 2, b""),
        pictures.png(5_001, 5_000, 8, 2, b""),
        _jpeg_of(65_500, 65_500),
        _jpeg_of(65_000, 1_001),
        _webp_of(16_383, 16_383),
        _webp_of(4_001, 4_000),
    ],
    ids=["rows", "png", "png-just", "jpeg", "jpeg-just", "webp", "webp-just"],
)
def test_bombs_are_refused_unopened(bomb, monkeypatch) -> None:
    def load(self):
        pytest.fail("it was decoded")

    for each in (Image.Image, *(type(Image.open(BytesIO(file(kind=kind)))) for kind in KINDS)):
        monkeypatch.setattr(each, "load", load)
    with pytest.raises(TooLarge, match="million"):
        develop(bomb)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"hello",
        b"<!doctype html><script>1</script>",
        b"%PDF-1.7\n",
        b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x00;",
        file(kind="GIF"),
        file(kind="TIFF"),
        file(kind="BMP"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x04\0\0\0WEBP",
    ],
)
def test_what_is_no_image_is_refused(sent) -> None:
    with pytest.raises(BadImage) as refused:
        develop(sent)
    assert refused.value.status == 400
    assert refused.value.field == "body"


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_refused(kind) -> None:
    sent = file(np.random.default_rng(7).integers(0, 255, (64, 96, 3), np.uint8), kind)
    for share in (0.3, 0.5, 0.9):
        with pytest.raises(BadImage, match="cut short"):
            develop(sent[: int(len(sent) * share)])


@settings(max_examples=150)
@given(st.sampled_from(KINDS), st.booleans(), st.floats(0, 1))
def test_a_cut_file_is_refused_or_was_whole_already(kind: str, progressive: bool, share: float) -> None:
    """What a cut may take away unseen is what is no part of the picture: an end mark, a note."""
    options = {"progressive": progressive} if kind == "JPEG" else {}
    sent = file(kind=kind, **options)
    try:
        made = develop(sent[: int(len(sent) * share)])
    except BadImage:
        return
    assert made == develop(sent)


@settings(max_examples=300)
@given(st.sampled_from(KINDS), st.data())
def test_damage_ends_in_a_picture_or_a_refusal(kind: str, data: st.DataObject) -> None:
    """Never in another error: that would be ours."""
    sent = bytearray(TELLING[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = develop(bytes(sent))
    except (BadImage, TooLarge):
        return
    plain(made.body)
    assert Image.open(BytesIO(made.body)).size == (made.width, made.height)


TELLING = {kind: telling(kind, upright(48, 32)) for kind in KINDS}
