"""The output of a prediction: fetched as a stream, and proven to be a video or an image."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

from django.conf import settings

from batches.clients import replicate
from batches.models import Prompt
from batches.pictures import videos
from batches.pictures.finish import Picture, finish

#: A 4K PNG has about 20 MB.
_MAX_IMAGE_BYTES = 32 * 1024 * 1024


@contextmanager
def fetched(prompt: Prompt, url: str) -> Iterator[Picture | videos.Video]:
    """Yield the output at that address. Raises `NotAPicture` or an `UpstreamError`.

    A video is in a temporary file until the block ends: it may be larger than the memory.
    """
    if not prompt.image_model.makes_video:
        pieces: list[bytes] = []
        replicate.download(url, _MAX_IMAGE_BYTES, pieces.append)
        yield finish(b"".join(pieces), format=prompt.format, ratio=prompt.ratio)
        return
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        replicate.download(url, videos.MAX_BYTES, file.write)
        yield videos.video_in(file)
