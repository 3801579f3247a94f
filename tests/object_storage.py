"""S3-compatible storage in this process: moto, which can be away for a while and loses nothing by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from tests.ports import HOST, free_port

BUCKET = "images"


@dataclass
class ObjectStorage:
    """A server with one bucket."""

    port: int = field(default_factory=free_port)
    server: ThreadedMotoServer | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the site's settings for it."""
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": f"http://{HOST}:{self.port}",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": "any",
            "S3_SECRET_ACCESS_KEY": "any",
        }

    def start(self) -> None:
        """Answer, with everything that was stored before."""
        self.server = ThreadedMotoServer(HOST, self.port, verbose=False)
        self.server.start()

    def stop(self) -> None:
        """Be away: connections are refused."""
        if self.server:
            self.server.stop()
            self.server = None

    def names(self) -> list[str]:
        """Return the names of all objects."""
        return sorted(page.key for page in self.client().Bucket(BUCKET).objects.all())

    def client(self) -> Any:
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
        return boto3.Session(**keys).resource("s3", endpoint_url=f"http://{HOST}:{self.port}")


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Run a server with an empty bucket."""
    storage = ObjectStorage()
    get_backend("s3").reset()
    storage.start()
    storage.client().create_bucket(Bucket=BUCKET)
    try:
        yield storage
    finally:
        storage.stop()
