"""The client of the site's REST API: retries what can be retried, and raises a `Failure` for the rest."""

import datetime
import email.utils
import hashlib
import ssl
import uuid
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from iib import VERSION, answers
from iib.answers import Batch, Bill, Image
from iib.failures import Failure, NotAllowed, NotEnoughCredits, NotFound, ServerFailure, UsageFailure, WrongState
from iib.pace import Allowance
from iib.patience import Patience, Retryable

_TIMEOUT_SECONDS = (10, 60)
_CHUNK_BYTES = 1 << 16
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_DAMAGED_ATTEMPTS = 3


class _Bearer(AuthBase):
    """An auth object, because a header of the session would be replaced by a `.netrc`."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class Site:
    """The API at `url` (which may have a path before `/api/v1/`) with one key."""

    def __init__(self, url: str, key: str, patience: Patience, *, allow_http: bool = False) -> None:
        self.url = checked_url(url, allow_http=allow_http)
        self.patience = patience
        self._allowance = Allowance()
        self._cached: dict[str, tuple[str, Any]] = {}
        self._session = requests.Session()
        self._session.auth = _Bearer(key)
        self._session.headers["User-Agent"] = f"iib/{VERSION}"
        parts = urlsplit(self.url)
        if parts.scheme == "http" and parts.hostname in _LOOPBACK:
            # No proxy of the environment: it could not reach this machine, and would see the key.
            self._session.trust_env = False

    def account(self) -> dict[str, Any]:
        return answers.read(lambda answer: dict(answer), self._json("GET", "account"))

    def models(self) -> Any:
        return self._json("GET", "models")

    def batches(self) -> Any:
        """Return the first page of batches, newest first."""
        return self._json("GET", "batches")

    def bill(self, order: Mapping[str, Any]) -> Bill:
        """Return what the order costs, without storing anything."""
        return answers.read(answers.bill, self._json("POST", "batches", params={"dry_run": "true"}, json=order))

    def submit(self, order: Mapping[str, Any], idempotency_key: str) -> str:
        """Submit the order and return the batch's id; the same Idempotency-Key returns the same batch."""
        answer = self._json("POST", "batches", json=order, headers={"Idempotency-Key": idempotency_key})
        return answers.read(lambda created: str(created["id"]), answer)

    def upload_photo(self, name: str, content: bytes) -> str:
        """Store a reference photo and return its id. The site deletes it when its batch ends, or after a day."""
        answer = self._json("POST", "references", files={"file": (name, content)})
        return answers.read(lambda stored: str(stored["id"]), answer)

    def delete_photo(self, photo_id: str) -> None:
        self._json("DELETE", f"references/{_part(photo_id)}")

    def add_photos_again(self, batch_id: str, photo_ids: Sequence[str]) -> None:
        """Put photos in the places of those of the batch that were deleted, in their order."""
        self._json("PUT", f"batches/{_part(batch_id)}/references", json={"references": photo_ids})

    def batch(self, batch_id: str) -> Batch:
        return answers.read(answers.batch, self.batch_json(batch_id))

    def batch_json(self, batch_id: str) -> Any:
        """Return the batch as the API's JSON."""
        try:
            return self.patience.retry(lambda: self._newest(f"batches/{_part(batch_id)}"))
        except NotFound as missing:
            raise NotFound(
                f"The site does not have the batch {batch_id}. In its folder, --new starts another."
            ) from missing

    def _newest(self, path: str) -> Any:
        """Return the JSON at `path`, from the cache if it has not changed."""
        etag, content = self._cached.get(path, ("", None))
        response = self._answer("GET", path, headers={"If-None-Match": etag} if etag else {})
        if response.status_code == requests.codes.not_modified:
            return content
        content = _body(response)
        self._cached = {path: (response.headers.get("ETag", ""), content)}
        return content

    def act(self, batch_id: str, verb: str) -> None:
        """Pause, resume, cancel or retry the batch; raises `WrongState` if its state does not allow it."""
        once = {"Idempotency-Key": str(uuid.uuid4())}
        self._json("POST", f"batches/{_part(batch_id)}/{verb}", headers=once)

    def set_verdicts(self, batch_id: str, verdicts: Mapping[int, str]) -> None:
        """Store verdicts by position: `keep`, `reject`, or empty for undecided."""
        self._json("PUT", f"batches/{_part(batch_id)}/verdicts", json=verdicts)

    def make_again(self, batch_id: str, position: int, changes: Mapping[str, str]) -> dict[str, Any]:
        """Start another version of an image and return it."""
        return answers.read(answers.version, self._post(batch_id, position, "again", json=changes))

    def edit(
        self, batch_id: str, position: int, form: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
    ) -> dict[str, Any]:
        """Start an edit of an image and return the version."""
        return answers.read(answers.version, self._post(batch_id, position, "edit", files=_multipart(form, files)))

    def use_for_rest(
        self, batch_id: str, position: int, form: Mapping[str, str], files: Mapping[str, tuple[str, bytes]],
        *, dry_run: bool,
    ) -> dict[str, Any]:  # fmt: skip
        """Use an image as a photo of the images that are still waiting; return how many there are and their cost."""
        params = {"dry_run": "true"} if dry_run else {}
        answer = self._post(batch_id, position, "rest", params=params, files=_multipart(form, files))
        return answers.read(answers.change, answer)

    def _post(self, batch_id: str, position: int, verb: str, **body: Any) -> Any:
        once = {"Idempotency-Key": str(uuid.uuid4())}
        return self._json("POST", f"batches/{_part(batch_id)}/images/{position}/{verb}", headers=once, **body)

    def download(self, batch_id: str, image: Image, file: IO[bytes]) -> None:
        """Write the image to `file`; raises `ServerFailure` if its hash stays wrong."""
        path = f"batches/{_part(batch_id)}/images/{image.position}"
        for _ in range(_DAMAGED_ATTEMPTS):
            if self.patience.retry(lambda: self._download(path, file)) == image.sha256:
                return
        raise ServerFailure(f"{image.name}: the download is damaged: its SHA-256 is wrong.")

    def _download(self, path: str, file: IO[bytes]) -> str:
        """Write the whole body to the start of the file and return its SHA-256."""
        file.seek(0)
        file.truncate()
        digest = hashlib.sha256()
        with self._answer("GET", path, stream=True) as response:
            try:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            except requests.RequestException as error:
                raise Retryable("The connection broke in the middle of an image.") from error
        return digest.hexdigest()

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return self.patience.retry(lambda: _body(self._answer(method, path, **options)))

    def _answer(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return a response with status 2xx or 304; raise `Retryable` or a `Failure` for any other."""
        address = f"{self.url}/api/v1/{path}"
        self._allowance.wait()
        try:
            # No redirects: the key must not be sent to another URL.
            options |= {"timeout": _TIMEOUT_SECONDS, "allow_redirects": False}
            response = self._session.request(method, address, **options)
        except requests.exceptions.SSLError as error:
            if _has_hung_up(error):
                raise Retryable(f"{self.url} has closed the connection.") from error
            raise ServerFailure(f"The certificate of {self.url} is not valid.") from error
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise Retryable(f"{self.url} does not answer.") from error
        except requests.RequestException as error:
            raise ServerFailure(f"{address}: {error}") from error
        self._allowance.note(response.headers)
        if not 200 <= response.status_code < 300 and response.status_code != requests.codes.not_modified:
            raise _fault(response)
        return response


def _has_hung_up(error: requests.exceptions.SSLError) -> bool:
    """Return whether the server has closed the connection, as in a restart. Other errors of TLS stay."""
    # The error of a try to connect is inside of urllib3's `MaxRetryError`.
    cause = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(cause and cause.args[0], ssl.SSLEOFError | ssl.SSLZeroReturnError)


def _multipart(form: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
    # Without files, requests would not send the form as multipart.
    return {**{name: (None, text) for name, text in form.items()}, **files}


def checked_url(url: str, *, allow_http: bool) -> str:
    """Return the site's URL without a trailing slash; raises `UsageFailure` if it would send the key unencrypted."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageFailure(f"{url!r} is not an address such as https://images.example.com.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_http:
        raise UsageFailure(f"{url} would send your key unencrypted. Use https or --allow-http.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _part(text: str) -> str:
    if PurePosixPath(text).name != text or not text.replace("-", "").isalnum():
        raise UsageFailure(f"{text!r} is not the id of a batch.")
    return text


def _body(response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except requests.JSONDecodeError as error:
        raise ServerFailure(f"{response.url} is not the API of Images in bulk.") from error


def _fault(response: requests.Response) -> Retryable | Failure:
    """Convert an error response to an exception."""
    status, problem = response.status_code, _problem(response)
    sentence = str(problem.get("detail") or problem.get("title") or f"The site answered with status {status}.")
    retry_after = retry_after_seconds(response.headers.get("Retry-After"))
    if status == 429 or status >= 500 or (status in (408, 409, 425) and retry_after is not None):
        return Retryable(sentence, retry_after)
    if 300 <= status < 400:
        return ServerFailure(
            f"{response.url} redirects to {response.headers.get('Location')}. Use that address with --url."
        )
    kinds = {401: NotAllowed, 402: NotEnoughCredits, 403: NotAllowed, 404: NotFound, 409: WrongState, 410: NotFound}
    errors = problem.get("errors")
    details = [_detail(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return kinds.get(status, UsageFailure)(sentence, details)


def _problem(response: requests.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except requests.RequestException:
        return {}
    return problem if isinstance(problem, dict) else {}


def _detail(error: Mapping[str, Any]) -> str:
    row, message = error.get("row"), error.get("message") or error.get("code")
    place = f"Prompt {row}" if row else str(error.get("field") or "")
    return f"{place}: {message}" if place else str(message)


def retry_after_seconds(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which has seconds or a date; None if it has neither."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    now = datetime.datetime.now(datetime.UTC)
    return max(0.0, (moment.astimezone(datetime.UTC) - now).total_seconds())
