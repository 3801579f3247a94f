"""The images API of OpenAI and of compatible servers: one image per call, no call sent twice.

Only connecting is retried here. The class of an error says what helps (`openai_errors`). The caller decides whether
to retry, because only the caller knows what has been spent.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import requests
import urllib3
from django.conf import settings

from batches.clients import http
from batches.clients.openai_answers import Content, Usage, content_of
from batches.clients.openai_errors import Broken, Busy, Refused, Unknown, UpstreamError, error_of
from batches.clients.public_http import NotPublic, PublicHttp

#: From connecting to the last byte of the image. A worker that is stopped finishes its calls.
CALL_SECONDS = 300
#: A 4K image in base64 has about 25 MB.
MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_ERROR_BYTES = 64 * 1024
_OUTPUT_FORMATS = {"png": "png", "jpg": "jpeg"}
# Other servers in local development may need no key.
_KEYLESS = "none"
#: Shorter keys, and the placeholder, may be ordinary words of messages.
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class InputImage:
    """A JPEG or PNG that upstream works from."""

    data: bytes
    content_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One image to generate; `format` is "png" or "jpg". Without a `quality` the server chooses it.

    The prompt can speak of `images` as "image 1", "image 2". The transparent parts of `mask`, a PNG of the size of the
    first image, may be changed.
    """

    model: str
    prompt: str
    size: str
    quality: str
    format: str
    safety_identifier: str
    #: Send only what every server knows, and ask for base64: some send URLs otherwise.
    is_common: bool = False
    images: Sequence[InputImage] = ()
    mask: bytes = b""

    def parameters(self) -> dict[str, object]:
        """Return the body of the request, without images."""
        known: dict[str, object] = {"model": self.model, "prompt": self.prompt, "n": 1, "size": self.size}
        if self.quality:
            known["quality"] = self.quality
        if self.is_common:
            return {**known, "response_format": "b64_json"}
        output_format = _OUTPUT_FORMATS[self.format]
        return {**known, "output_format": output_format, "safety_identifier": self.safety_identifier}

    def files(self) -> list[tuple[str, tuple[str, bytes, str]]]:
        """Return the parts of the form. Upstream reads the type from the name or the content type."""
        parts = [
            ("image[]", (f"{number}.{image.content_type.rpartition('/')[2]}", image.data, image.content_type))
            for number, image in enumerate(self.images, 1)
        ]
        return [*parts, ("mask", ("mask.png", self.mask, "image/png"))] if self.mask else parts


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """The response's bytes, which have not been checked yet, and its usage."""

    data: bytes
    request_id: str
    usage: Usage | None


class OpenAIClient:
    """One upstream and our key for it, shared by all threads of a process.

    `base_url` includes `/v1`. `timeout` is in seconds: for each attempt to connect, and for the whole call.
    """

    def __init__(self, *, api_key: str, base_url: str, timeout: tuple[float, float] = (10, CALL_SECONDS)) -> None:
        images = f"{base_url.rstrip('/')}/images"
        self._timeout = timeout
        # Removed from messages: another server's key has no known form.
        self._secret = api_key if len(api_key) >= _SHORTEST_SECRET else ""
        self._files = PublicHttp(base_url)
        self._session = http.session_for(base_url)
        # A key with spaces or line ends cannot be sent, and the library's error would quote it.
        self._has_usable_key = bool(re.fullmatch(r"[\x21-\x7e]+", api_key))
        # No compression: it would cost more CPU time than it saves for base64.
        headers = {"User-Agent": "images-in-bulk", "Accept-Encoding": "identity"}
        if self._has_usable_key:
            headers["Authorization"] = f"Bearer {api_key}"
        # All calls differ only in their body, so the rest is prepared once.
        self._edit = self._session.prepare_request(requests.Request("POST", f"{images}/edits", headers=headers))
        headers["Content-Type"] = "application/json"
        self._call = self._session.prepare_request(requests.Request("POST", f"{images}/generations", headers=headers))

    def generate(self, request: ImageRequest) -> ImageAnswer:
        """Generate one image. Raises an `UpstreamError`."""
        return self.ask(request)()

    def ask(self, request: ImageRequest) -> Callable[[], ImageAnswer]:
        """Request one image, and return a function that reads it. The caller can limit how many are read at once.

        Both raise `UpstreamError`s. The function must be called, or the connection stays open.
        """
        if not self._has_usable_key:
            raise Broken("upstream_key", "The configured key is empty or has blanks in it.")
        deadline = http.Deadline(*self._timeout)
        response = self._post(request, deadline)
        if 200 <= response.status_code < 300:
            return partial(self._read, response, request, deadline)
        with response:
            raise self._error(response, self._error_body(response), request)

    def _read(self, response: requests.Response, request: ImageRequest, deadline: http.Deadline) -> ImageAnswer:
        request_id = response.headers.get("x-request-id", "")[:200]
        with response:
            body = self._body(response, request_id)
        content = self._content(body, response, request)
        del body
        data = content.data or self._fetched(content.url, request_id, deadline)
        return ImageAnswer(data, request_id, content.usage)

    def _post(self, request: ImageRequest, deadline: http.Deadline) -> requests.Response:
        call = self._prepared(request)
        try:
            return http.send(self._session, call, deadline)
        except requests.RequestException as error:
            if http.was_never_sent(error):
                raise Busy("upstream_busy", f"could not be reached ({type(error).__name__})") from error
            raise Unknown("no_answer", f"no answer ({type(error).__name__})") from error

    def _prepared(self, request: ImageRequest) -> requests.PreparedRequest:
        if not request.images:
            call = self._call.copy()
            call.prepare_body(json.dumps(request.parameters()).encode(), files=None)
            return call
        call = self._edit.copy()
        # `input_fidelity` is never sent: models refuse it, even as null.
        call.prepare_body({name: str(value) for name, value in request.parameters().items()}, request.files())
        return call

    def _body(self, response: requests.Response, request_id: str) -> bytes:
        try:
            return http.read_body(response.raw, MAX_BODY_BYTES)
        except http.TooLarge as error:
            # The image is billed, and a second one would be as large.
            raise Refused("too_large", "the answer is too large", request_id) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unknown("no_answer", f"the answer broke off ({type(error).__name__})", request_id) from error

    def _error_body(self, response: requests.Response) -> bytes:
        """Return the body of an error response; empty if it cannot be read, since the status is enough."""
        try:
            return http.read_body(response.raw, _MAX_ERROR_BYTES)
        except (http.TooLarge, urllib3.exceptions.HTTPError):
            return b""

    def _error(self, response: requests.Response, body: bytes, request: ImageRequest) -> UpstreamError:
        return error_of(
            response.status_code, response.headers, body[:_MAX_ERROR_BYTES], secret=self._secret, prompt=request.prompt
        )

    def _content(self, body: bytes, response: requests.Response, request: ImageRequest) -> Content:
        try:
            return content_of(body)
        except (ValueError, RecursionError) as error:
            known = self._error(response, body, request)
            if not isinstance(known, Unknown):
                raise known from error
            raise Unknown("unreadable_answer", str(error), known.request_id) from error

    def _fetched(self, url: str, request_id: str, deadline: http.Deadline) -> bytes:
        try:
            return self._files.fetch(url, MAX_BODY_BYTES, deadline)
        except http.TooLarge as error:
            raise Refused("too_large", "the picture is too large", request_id) from error
        except NotPublic as error:
            raise Unknown("unreadable_answer", f"the picture's address is {error}", request_id) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # Their messages quote the URL, which may be signed.
            raise Unknown("unreadable_answer", f"no picture there ({type(error).__name__})", request_id) from error


def safety_identifier(user_id: int) -> str:
    """Return a keyed hash of the customer, 64 hex characters. It stays the same as long as the key does.

    With it, OpenAI applies a policy violation to one customer and not to the whole key:
    https://help.openai.com/en/articles/5428082-incorporating-a-safety-identifier
    """
    key = settings.SAFETY_IDENTIFIER_KEY or settings.SECRET_KEY
    return hmac.new(key.encode(), f"safety-identifier:{user_id}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _client(api_key: str, base_url: str) -> OpenAIClient:
    return OpenAIClient(api_key=api_key, base_url=base_url)


def client() -> OpenAIClient:
    return _client(settings.OPENAI_API_KEY or _KEYLESS, settings.OPENAI_BASE_URL)
