from io import BytesIO

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from imagesinbulk.middleware.unread_body import UnreadBodyMiddleware

pytestmark = pytest.mark.any_database
refuse = UnreadBodyMiddleware(lambda request: HttpResponse(status=413))


class Interrupted(BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ConnectionResetError


def upload(body: BytesIO, byte_count: int) -> HttpRequest:
    return RequestFactory().generic("POST", "/", CONTENT_LENGTH=byte_count, **{"wsgi.input": body})


@pytest.mark.parametrize(("byte_count", "read"), [(0, 0), (1_000_000, 1_000_000), (50_000_000, 0)])
def test_a_refused_body_is_read_to_its_end_unless_it_is_too_long(byte_count: int, read: int) -> None:
    body = BytesIO(bytes(1_000_000))
    refuse(upload(body, byte_count))
    assert body.tell() == read


def test_an_interrupted_upload_still_gets_a_response() -> None:
    assert refuse(upload(Interrupted(), 1_000)).status_code == 413
