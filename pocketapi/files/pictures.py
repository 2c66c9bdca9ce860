"""Pictures made smaller by Pillow. What is too large to be decoded is refused by what its head says."""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from typing import Any, BinaryIO

from PIL import Image, ImageOps

from pocketapi.errors import BadRequest

MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
WRITTEN = {"jpg": ("JPEG", "RGB"), "webp": ("WEBP", "RGBA"), "png": ("PNG", "RGBA")}
QUALITY = 85
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error)  # what decoders raise
TOO_LARGE = "This picture has more than 50 megapixels: there are no thumbs of it."
Size = tuple[int, int]


def write_thumb(source: BinaryIO, target: BinaryIO, size: Size, fits: bool, extension: str) -> None:
    """Write a picture in another size: cut to it, within it where it `fits`, or in proportion where a side is 0."""
    format_, mode = WRITTEN[extension]
    with tempfile.TemporaryFile() as seekable:
        shutil.copyfileobj(source, seekable)
        seekable.seek(0)
        picture = _opened(seekable)
        picture.draft(mode, (max(size) * 2, max(size) * 2))  # a JPEG is decoded at a smaller scale
        try:
            whole = ImageOps.exif_transpose(picture).convert(mode)
        except DAMAGED:
            raise BadRequest("This picture is damaged: there are no thumbs of it.") from None
        _resized(whole, size, fits).save(target, format_, quality=QUALITY)


def _opened(file: Any) -> Image.Image:
    """A picture of which only the head was read."""
    try:
        picture = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadRequest(TOO_LARGE) from None
    except DAMAGED:
        raise BadRequest("There are no thumbs of this file: it is no JPEG, PNG, GIF or WebP.") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise BadRequest(TOO_LARGE)
    return picture


def _resized(picture: Image.Image, size: Size, fits: bool) -> Image.Image:
    width, height = size
    if width and height:
        if not fits:
            return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
        picture.thumbnail(size, Image.Resampling.LANCZOS)
        return picture
    width = width or max(1, round(picture.width * height / picture.height))
    height = height or max(1, round(picture.height * width / picture.width))
    if width * height > MOST_PIXELS:
        raise BadRequest("This picture is too narrow for this size.")
    return picture.resize((width, height), Image.Resampling.LANCZOS)
