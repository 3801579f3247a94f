"""A customer's data as one ZIP, streamed: never whole in memory or on the disk."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from zipfile import ZIP_DEFLATED

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from zipstream import ZipStream

from accounts.models import User
from privacy.export.tables import files_of, prompts_of, tables_of

_CHUNK_BYTES = 256 * 1024


def chunks(user: User) -> Iterator[bytes]:
    # In the language of the request, which has ended when the rest is read.
    readme = render_to_string("privacy/export/README.txt", {"user": user}).encode()
    return _zipped(user, readme)


def _zipped(user: User, readme: bytes) -> Iterator[bytes]:
    stream = ZipStream(compress_type=ZIP_DEFLATED)
    stream.add(readme, "README.txt")
    for table in tables_of(user):
        stream.add(_as_json(table), f"{table.name}.json")
    stream.add(_as_json(prompts_of(user)), "prompts.json")
    yield from stream.all_files()
    for name, path in files_of(user):
        # The server may delete it during the download.
        with suppress(FileNotFoundError), default_storage.open(path) as file:
            stream.add(iter(partial(file.read, _CHUNK_BYTES), b""), name)
            yield from stream.all_files()
    yield from stream.finalize()


def _as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    separator = "["
    for row in rows:
        yield (separator + "\n" + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)).encode()
        separator = ","
    yield b"\n]\n" if separator == "," else b"[]\n"
