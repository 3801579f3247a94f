"""A photo as the first frame of a video, in the form in which Replicate takes it."""

import base64
from io import BytesIO

from PIL import Image

#: The largest data URL that Replicate accepts. A larger file would need an upload, which is one more call.
_MAX_URL_BYTES = 256_000
_HEAD = "data:image/jpeg;base64,"
_QUALITIES = (85, 70, 50, 30)


def data_url(photo: bytes) -> str:
    """Return a JPEG as a data URL, compressed further if it is too large."""
    url = _url(photo)
    for quality in _QUALITIES:
        if len(url) <= _MAX_URL_BYTES:
            break
        url = _url(_compressed(photo, quality))
    return url


def _url(photo: bytes) -> str:
    return _HEAD + base64.b64encode(photo).decode()


def _compressed(photo: bytes, quality: int) -> bytes:
    file = BytesIO()
    with Image.open(BytesIO(photo), formats=["JPEG"]) as image:
        image.save(file, "JPEG", quality=quality)
    return file.getvalue()
