"""No address answers 500 to a malformed query or body, whoever sends it."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from batches.models import Batch
from tests.cast import MakeBatch, SignedIn, deliver_next
from tests.every_url import every_path

FIELDS = """
    code credential email from ids image_model key language limit login monthly_credits name next page password
    position product prompts q quality ratio session since state submission_key to token url
""".split()
#: Half a character, which no database takes.
HALF = r'{"id": "\ud800", "rawId": "\ud800", "type": "\ud800", "response": {"userHandle": "\ud800"}}'
FORMS = [urlencode(dict.fromkeys(FIELDS, text)) for text in ("http://[", "\0", "9" * 5_000, HALF)]
FORMS.append("&".join(f"{field}=%ED%A0%80%ff" for field in FIELDS))
NESTED = "[" * 100_000
JSON = [NESTED, '{"images": ' + NESTED, "1", '"images"', '{"images": [{}]}', "9" * 5_000, "\xff", HALF]


@pytest.fixture
def batch(bob: User, make_batch: MakeBatch) -> Batch:
    made = make_batch(bob)
    deliver_next(made)
    return made


@pytest.fixture
def paths(batch: Batch) -> list[str]:
    found = every_path({"file": "batch.py", "batch_id": str(batch.pk)})
    return [path for path in found if not path.startswith("/admin/") or path == "/admin/login/"]


@pytest.fixture(params=["stranger", "customer"])
def client(request: pytest.FixtureRequest, bob: User, signed_in: SignedIn) -> Client:
    """A stranger's browser, or Bob's, whose scripts have a key as well."""
    if request.param == "stranger":
        return Client(raise_request_exception=False)
    browser = signed_in(bob)
    browser.raise_request_exception = False
    _, key = api_keys.create(bob, "test", ApiKey.Scope.values)
    browser.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return browser


def is_fault(answer: Any) -> bool:
    answer.getvalue()  # which closes the files that are sent
    return bool(answer.status_code == 500)


def test_no_query_is_a_fault(client: Client, paths: list[str]) -> None:
    assert [(path, form[:40]) for path in paths for form in FORMS if is_fault(client.get(f"{path}?{form}"))] == []


def faults(client: Client, path: str, bodies: list[str], content_type: str) -> list[tuple[str, str]]:
    """Return which bodies are a fault there. Where the first one was not read, the others change nothing either."""
    found = []
    for body in bodies:
        answer = client.post(path, body.encode("latin-1"), content_type)
        if is_fault(answer):
            found.append((path, body[:40]))
        if not answer.wsgi_request._read_started:
            break
    return found


@pytest.mark.parametrize(
    ("bodies", "content_type"), [(FORMS, "application/x-www-form-urlencoded"), (JSON, "application/json")]
)
def test_no_body_is_a_fault(client: Client, paths: list[str], bodies: list[str], content_type: str) -> None:
    # Deleting and signing out would make the rest of the walk a stranger's.
    steps = [path for path in paths if not path.endswith(("/delete/", "/logout/", "/sessions/"))]
    assert [fault for path in steps for fault in faults(client, path, bodies, content_type)] == []
