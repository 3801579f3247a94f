"""HTTP responses with an image, for browsers and programs: 304, 206 or 200."""

from collections.abc import Iterator, Mapping
from typing import IO

from django.http import FileResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from batches.delivery import storage
from batches.models import Prompt
from batches.pictures.finish import CONTENT_TYPES
from lib.byte_ranges import NotSatisfiable, parse_range

_PIECE_BYTES = 256 * 1024


def send_image(
    prompt: Prompt, request_headers: Mapping[str, str], *, as_attachment: bool = False
) -> HttpResponseBase | None:
    """Return a response with the image, whole or the requested range; None if the server does not have it.

    Raises `NotSatisfiable` if the range lies outside the image.
    """
    etag = f'"{prompt.sha256}"'
    if prompt.sha256 and etag_matches(request_headers.get("If-None-Match", ""), etag):
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    file = storage.open_image(prompt)
    if file is None:
        return None
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Type": CONTENT_TYPES[prompt.format],
    }
    part, size = None, prompt.byte_count or 0
    # If the file has changed since the first part was fetched, send it whole.
    if request_headers.get("If-Range", etag) == etag:
        try:
            part = parse_range(request_headers.get("Range", ""), size)
        except NotSatisfiable:
            file.close()
            raise
    if part is None:
        return FileResponse(file, as_attachment=as_attachment, filename=prompt.file_name, headers=headers)
    first, last = part
    file.seek(first)
    headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last - first + 1)}
    return StreamingHttpResponse(_Pieces(file, last - first + 1), status=206, headers=headers)


def etag_matches(if_none_match: str, etag: str) -> bool:
    """Return whether the header names the ETag, which is given without `W/`."""
    seen = [each.removeprefix("W/") for each in parse_etags(if_none_match)]
    return etag in seen or seen == ["*"]


class _Pieces:
    """The next bytes of a file, which is closed afterwards. Video players request everything from a position on."""

    def __init__(self, file: IO[bytes], count: int) -> None:
        self.file, self.count = file, count

    def __iter__(self) -> Iterator[bytes]:
        while self.count and (piece := self.file.read(min(self.count, _PIECE_BYTES))):
            self.count -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()
