"""Images on S3-compatible storage, which goes away in the middle of a run."""

import uuid
from collections.abc import Iterator

import pytest
import requests

from tests.engine.conftest import embedded_only
from tests.engine.crashes import SHORT_LEASE
from tests.engine.customer import Customer
from tests.object_storage import ObjectStorage, object_storage
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import LONG, Upstream

pytestmark = embedded_only

IMAGES = 20


@pytest.fixture
def bucket() -> Iterator[ObjectStorage]:
    with object_storage() as running:
        yield running


@pytest.fixture
def shared_site(site: Stack, customer: Customer, bucket: ObjectStorage) -> Iterator[Stack]:
    """The site with its images in the bucket. In the end there are none: the site itself could not find them."""
    with site.beside(**bucket.environment) as shared_site:
        yield shared_site
        shared_site.inside.run(f"age({customer.title!r}, 'ready_at', 10_000)")
        shared_site.manage("expire_images")
        assert bucket.names() == []


def test_an_outage_loses_no_image_and_makes_none_twice(
    shared_site: Stack, bucket: ObjectStorage, upstream: Upstream, customer: Customer
) -> None:
    upstream.set(delay_seconds=1.5)
    customer.submit_numbered(batch_count=4, prompt_count=IMAGES // 4)
    shared_site.start_worker(**SHORT_LEASE)
    customer.wait_for_calls(6)
    upstream.set(delay_seconds=LONG)
    bucket.stop()
    upstream.set(delay_seconds=0)
    wait_for(lambda: set(customer.batch_statuses()) == {"waiting"}, what="all batches on hold")
    calls = len(customer.calls())
    bucket.start()
    wait_for(lambda: not customer.statuses()["generating"], what="the images that came during the outage")
    customer.act(f"let_hours_pass({customer.email!r}, 1)")
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": IMAGES}
    assert len(customer.calls()) == IMAGES > calls
    assert len([name for name in bucket.names() if name.startswith("images/")]) == IMAGES
    shared_site.inside.run(f"prove({customer.title!r})")


def test_the_browser_gets_images_from_the_site(shared_site: Stack, customer: Customer) -> None:
    customer.submit_numbered(batch_count=1, prompt_count=1)
    shared_site.start_worker()
    customer.wait_until_finished()
    shared_site.start_web()
    ((batch,),) = shared_site.query(f"SELECT id FROM batches_batch WHERE title = '{customer.title}'")
    cookies = {"sessionid": shared_site.session_of(customer.email)}
    url = f"{shared_site.url}/batches/{uuid.UUID(batch)}/images/1/"
    whole = requests.get(url, cookies=cookies, timeout=60)
    part = requests.get(url, cookies=cookies, headers={"Range": "bytes=100-199"}, timeout=60)
    assert (whole.status_code, part.status_code) == (200, 206)
    assert whole.content[100:200] == part.content
