"""What Sentry gets of an error whose every part has a secret: its type and place, and nothing that a customer wrote."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared
from tests.processes import ROOT

#: A process of its own, because Sentry changes Django for good.
SCRIPT = """
import json, logging
import django
django.setup()
import sentry_sdk
from sentry_sdk.transport import Transport
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from imagesinbulk import pages

class Collecting(Transport):
    def capture_envelope(self, envelope):
        sent.append(envelope.get_event())

sent = []
sentry_sdk.get_client().transport = Collecting(sentry_sdk.get_client().options)

def fail(*args):
    prompt, headers = "zqprompt", {"Authorization": "Bearer zqkey"}
    try:
        raise KeyError("zqcause")
    except KeyError as error:
        raise ValueError(f"zqmessage {prompt}") from error

pages.render = fail
requests = RequestFactory(headers={"Cookie": "a=zqcookie", "X-Secret": "zqheader"})
request = requests.get("/?q=zqquery", SERVER_NAME="127.0.0.1")
# As a web server does: Sentry learns the URL there.
get_wsgi_application()(request.environ, lambda *args: None)
logging.getLogger("batches").error("batch %s: %s", "b1", "zqargument", extra={"prompt": "zqextra"})
print("events:" + json.dumps(sent, default=str))
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """Return what is sent for an error of a page and for a line of the log."""
    directory = Path(tmp_path_factory.mktemp("sentry"))
    variables = {"SENTRY_DSN": "https://key@127.0.0.1/1", "VAR_DIR": str(directory), "EMAIL_URL": "dummymail://"}
    variables["STATIC_ROOT"] = str(prepared.static_files())
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "imagesinbulk.settings", **variables}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(result.stdout.partition("events:")[2])
    return list(found)


def test_nothing_that_a_customer_wrote_is_sent(events: list[dict[str, object]]) -> None:
    assert len(events) == 2
    assert "zq" not in json.dumps(events)


def test_an_error_has_its_type_its_place_and_its_request(events: list[dict[str, object]]) -> None:
    text = json.dumps(events[0])
    assert '"type": "ValueError"' in text
    assert '"function": "fail"' in text
    assert '"url": "http://127.0.0.1' in text
    assert '"request": "' in text


def test_a_line_of_the_log_has_its_text_without_arguments(events: list[dict[str, object]]) -> None:
    assert events[1]["logentry"] == {"message": "batch %s: %s"}
