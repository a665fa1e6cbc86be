"""From the bytes of somebody's image file to a plain JPEG that says nothing but what it shows. Pure; Pillow.

The picture is decoded and encoded anew, so that nothing of the file itself lives on: no position, no name of
a device, no thumbnail of what was cut away, no second file behind the first. Colours are taken for sRGB and
profiles dropped: a photo here shows what lies where, it is no proof for a printer, and a profile would be one
more thing of a stranger's to parse. The same file gives the same bytes (of one version of Pillow).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base

from gridmap.errors import BadImage, TooLarge
from gridmap.photos.model import Print

LONGEST = 2048  # pixels of a kept picture's longer side; an upright sheet at 150 dpi has 1,754
LONGEST_SMALL = 480  # for lists on a phone
QUALITY, QUALITY_SMALL = 85, 75

# What may be decoded, each at most about 0.4 GB. A JPEG over twice LONGEST is decoded at half its size or
# less (see `_decoded`): a phone's 48 megapixels took 85 MB, 64 in a progressive one 385 MB, 25 of PNG 250 MB;
# Pillow's WebP holds a picture four times.
PIXELS_MOST = {"JPEG": 65_000_000, "MPO": 65_000_000, "PNG": 25_000_000, "WEBP": 16_000_000}
KINDS = ("JPEG", "PNG", "WEBP")  # an MPO is a JPEG with others behind it, and opened by Pillow's JPEG

# Exif 2.32, tag 0x0112: how the picture as stored is turned to stand upright
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def develop(body: bytes) -> Print:
    """The first picture of a JPEG, PNG or WebP file, upright, at most LONGEST pixels, on white.

    What the file is, its content says. Raises BadImage when it is none of these, damaged or cut short, and
    TooLarge, before anything is decoded, when it has over PIXELS_MOST.
    """
    picture = _decoded(_opened(body))
    full = _jpeg(picture, QUALITY)
    picture.thumbnail((LONGEST_SMALL, LONGEST_SMALL), Image.Resampling.LANCZOS)
    return Print(full[0], _jpeg(picture, QUALITY_SMALL)[0], *full[1])


def _opened(body: bytes) -> Image.Image:
    """The file with only its head read."""
    if not body:
        raise BadImage("the body is empty; send the image file itself", field="body")
    try:
        image = Image.open(BytesIO(body), formats=KINDS)
    except UnidentifiedImageError:
        raise BadImage("this is no JPEG, PNG or WebP image, whatever it is called", field="body") from None
    except Image.DecompressionBombError:
        raise _too_many(max(PIXELS_MOST.values())) from None
    except Exception:  # see _decoded
        raise _unreadable() from None
    assert image.format is not None
    if image.width * image.height > PIXELS_MOST[image.format]:
        raise _too_many(PIXELS_MOST[image.format])
    return image


def _decoded(image: Image.Image) -> Image.Image:
    """The picture in RGB, upright, at most LONGEST pixels, with nothing of the file hanging on to it."""
    try:
        if image.width > LONGEST or image.height > LONGEST:
            shrink = LONGEST / max(image.size)
            # of a JPEG fewer coefficients, if that still leaves LONGEST; others pass it over
            image.draft(None, (max(1, int(image.width * shrink)), max(1, int(image.height * shrink))))
        image.load()
        turn = UPRIGHT.get(_orientation(image))
        image = _true_colours(image)
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        if turn is not None:
            image = image.transpose(turn)
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    # A damaged file ends in whatever its decoder stumbles over: OSError, SyntaxError, struct.error,
    # ValueError, EOFError, MemoryError, … It is the file's fault each time, and the sender is told the same.
    except Exception:
        raise _unreadable() from None
    return paper


def _orientation(image: Image.Image) -> Any:
    """What Exif says, or XMP; 1 where neither can be read: a picture with broken notes is still a picture."""
    try:
        return image.getexif().get(Base.Orientation, 1)
    except Exception:
        return 1


def _true_colours(image: Image.Image) -> Image.Image:
    """In RGB, or RGBA where something shows through."""
    if image.mode.startswith("I"):  # 16 bits of grey, of which Pillow's own conversion keeps the lower eight
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _jpeg(picture: Image.Image, quality: int) -> tuple[bytes, tuple[int, int]]:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality, progressive=True, optimize=True, subsampling="4:2:0")
    return file.getvalue(), picture.size


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the image has too many pixels; {most // 1_000_000} million may be", field="body")


def _unreadable() -> BadImage:
    return BadImage("the image is damaged or was cut short; send it again", field="body")
