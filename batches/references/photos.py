"""Uploaded photos: checked and saved anew, so that nothing of the upload but its pixels is stored or sent upstream."""

import hashlib
import io
import threading
from typing import IO

import pi_heif
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

from batches.pictures import heic, jpeg
from batches.pictures.finish import Picture, eight_bit, on_white
from lib import png

#: A photo of 48 megapixels, the most that common phones take, has up to 20 MB.
MAX_BYTES = 25_000_000
MAX_PIXELS = 50_000_000
#: Of a HEIC file: a photo, its tiles, its versions for other screens, and the other photos of a burst.
_MOST_DECODED_PIXELS = 8 * MAX_PIXELS
#: Upstream bills photos by their size, up to about this edge; smaller ones it enlarges.
LONGEST_EDGE = 1024
MIN_EDGE = 256
#: Upstream bills wider photos as if they had this ratio.
WIDEST_RATIO = 3

SENTENCES = {
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than 25 MB."),
    "unsupported_format": _("This is not a JPEG, PNG, WebP or HEIC file."),
    "animated": _("This is an animation. Choose a photo."),
    "too_many_pixels": _("The photo has more than 50 megapixels."),
    "too_small": _("The photo is too small. Each side needs at least 256 pixels."),
    "too_narrow": _("The photo is too narrow. Its longer side can be up to three times as long as the other."),
    "flagged": _("Our safety check flagged this photo, so we haven’t stored it. Use another one."),
    "unchecked": _("We can’t check photos at the moment. Try again later."),
    "damaged": _("The file is damaged or incomplete. Save the photo again, and then upload it."),
}

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_SRGB = ImageCms.createProfile("sRGB")
# A decoded photo takes up to 250 MB, so a process decodes one at a time.
decoding = threading.Lock()

# Pillow warns about images that are larger, and refuses those of twice the size.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class PhotoRefused(ValueError):
    """The file can't be used as a reference photo; `code` is one of `SENTENCES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code])


def clean_photo(file: IO[bytes], byte_count: int, longest_edge: int | None = LONGEST_EDGE) -> Picture:
    """Return the photo as a JPEG: upright, sRGB, without metadata, up to `longest_edge`. Raises `PhotoRefused`."""
    if byte_count > MAX_BYTES:
        raise PhotoRefused("too_large")
    file.seek(0)
    kind = _kind(file.read(16))
    file.seek(0)
    try:
        with decoding:
            _check_effort(file, kind)
            with Image.open(file, formats=[kind]) as image:
                _check(image, kind)
                return _remade(image, longest_edge)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PhotoRefused("too_many_pixels") from bomb
    except Exception as damage:
        # Decoders raise nearly everything for damaged files: OSError, SyntaxError, ValueError, RuntimeError and more.
        raise PhotoRefused("damaged") from damage


def _kind(head: bytes) -> str:
    """Return Pillow's name of the format by the first bytes, whatever the name of the file says."""
    if not head:
        raise PhotoRefused("empty")
    if head.startswith(png.SIGNATURE):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "HEIF"
    raise PhotoRefused("unsupported_format")


def _check_effort(file: IO[bytes], kind: str) -> None:
    """Refuse files that take seconds or minutes to decode, before Pillow reads them."""
    if kind == "JPEG":
        jpeg.check(file.read())
    if kind == "PNG":
        png.check_chunk_count(file.read())
    if kind == "HEIF" and heic.decoded_pixels(file.read()) > _MOST_DECODED_PIXELS:
        raise PhotoRefused("too_many_pixels")
    file.seek(0)


def _check(image: Image.Image, kind: str) -> None:
    shorter, longer = sorted(image.size)
    if shorter * longer > MAX_PIXELS:
        raise PhotoRefused("too_many_pixels")
    # Cameras add a large preview or the other eye's view to a JPEG, phones the photos of a burst to a HEIC file. The
    # main photo is used.
    if kind in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise PhotoRefused("animated")
    if shorter < MIN_EDGE:
        raise PhotoRefused("too_small")
    if longer > WIDEST_RATIO * shorter:
        raise PhotoRefused("too_narrow")


def _remade(image: Image.Image, longest_edge: int | None) -> Picture:
    profile = image.info.get("icc_profile")
    edge = longest_edge or max(image.size)
    if image.mode == "RGB":
        # For a JPEG, this decodes fewer pixels.
        image.thumbnail((edge, edge))
    plain = _opaque(ImageOps.exif_transpose(image))
    plain.thumbnail((edge, edge))
    file = io.BytesIO()
    # Without `exif` and `icc_profile`, Pillow would copy those of the upload.
    _srgb(plain, profile).save(file, "JPEG", quality=92, subsampling="4:4:4", exif=b"", icc_profile=None, comment=b"")
    data = file.getvalue()
    return Picture(data, "jpg", *plain.size, hashlib.sha256(data).hexdigest())


def _opaque(image: Image.Image) -> Image.Image:
    """Return the image with 8 bits per channel, on white if it has transparent parts."""
    plain = eight_bit(image)
    return plain if plain.mode in ("RGB", "CMYK", "L") and not plain.has_transparency_data else on_white(plain)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            assert converted is not None  # only None if it converts in place
            return converted
        except (ImageCms.PyCMSError, OSError):
            # A damaged profile, or one of another colour space, is ignored.
            pass
    return image.convert("RGB")
