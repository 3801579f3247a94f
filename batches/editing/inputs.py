"""The inputs of an edit: the image, and the mask of the part that may change. Of uploads, only pixels are used."""

import hashlib
import io
import struct

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import Image

from batches.delivery.storage import open_image
from batches.models import Prompt
from batches.pictures.finish import Picture
from batches.references.photos import PhotoRefused, decoding
from batches.references.uploads import checked_photo
from lib import png

#: Upstream accepts masks up to this size.
MAX_MASK_BYTES = 4_000_000
Size = tuple[int, int]


def base_image(prompt: Prompt, upload: "File[bytes] | None") -> Picture:
    """Return the image to edit: the upload, or the server's copy if there is none. Raises `ValidationError`.

    An upload of the customer's copy is used as it is. Any other is a photo, which is moderated and saved anew, but not
    scaled.
    """
    opened = upload or open_image(prompt)
    if opened is None:
        raise ValidationError(_("This image is no longer on the server. Send the file as well."), code="image_gone")
    with File(opened) as file:
        # Not read into memory: many uploads may wait for their turn to be decoded.
        if not upload or hashlib.file_digest(file, "sha256").hexdigest() == prompt.sha256:
            file.seek(0)
            return Picture(file.read(), prompt.format, prompt.width or 0, prompt.height or 0, prompt.sha256)
        try:
            return checked_photo(prompt.batch.user, file, file.size, longest_edge=None)
        except PhotoRefused as refused:
            raise ValidationError(refused.sentence, code=refused.code) from refused


def clean_mask(upload: "File[bytes]", size: Size) -> bytes:
    """Return the mask as a PNG of ours; empty if the whole image may change. Raises `ValidationError`.

    Pixels that are more than half transparent may change. There are no soft edges, because upstream has none.
    """
    if (upload.size or 0) > MAX_MASK_BYTES:
        raise ValidationError(_("The mask is larger than 4 MB."), code="mask_too_large")
    data = upload.read()
    if not data.startswith(png.SIGNATURE):
        raise ValidationError(_("The mask must be a PNG file."), code="mask_not_png")
    _check_size(data, size)
    try:
        png.check_chunk_count(data)
        with decoding, Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            alpha = _alpha(image)
    except ValidationError:
        raise
    except Exception as damage:
        # Decoders raise nearly everything for damaged files.
        raise ValidationError(_("The mask is damaged or incomplete."), code="mask_damaged") from damage
    lowest, highest = alpha.getextrema()
    if lowest:
        message = _("The mask has no transparent part, so nothing would change.")
        raise ValidationError(message, code="mask_without_hole")
    return _mask(alpha) if highest else b""


def _alpha(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        raise ValidationError(
            _("The mask must have transparent parts, which mark the area to change."), code="mask_without_alpha"
        )
    return image.convert("RGBA").getchannel("A").point(lambda value: 255 if value > 127 else 0)


def _check_size(data: bytes, size: Size) -> None:
    # From the header, because Pillow doesn't open files that say that they have hundreds of millions of pixels.
    found = struct.unpack(">II", data[16:24].ljust(8, b"\0"))
    if found != size:
        message = _("The mask has %(mask)s pixels, but the image has %(image)s. They must be the same.")
        sizes = {"mask": "{} × {}".format(*found), "image": "{} × {}".format(*size)}
        raise ValidationError(message, code="mask_size", params=sizes)


def rectangle_mask(size: Size, left: int, top: int, width: int, height: int) -> bytes:
    """Return a mask that lets a rectangle change; empty if it is the whole image. Raises `ValidationError`."""
    if left + width > size[0] or top + height > size[1]:
        message = _("The rectangle must be inside the image, which has %(size)s pixels.")
        raise ValidationError(message, code="outside", params={"size": "{} × {}".format(*size)})
    if (width, height) == size:
        return b""
    alpha = Image.new("L", size, 255)
    alpha.paste(0, (left, top, left + width, top + height))
    return _mask(alpha)


def _mask(alpha: Image.Image) -> bytes:
    picture = Image.new("RGBA", alpha.size)
    picture.putalpha(alpha)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
