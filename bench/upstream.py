"""An upstream that needs little CPU: every response is the same PNG of 1.5 MB after a delay.

python -m bench.upstream PORT DELAY_SECONDS SPREAD

A spread of 0.25 means that each call takes between three and five quarters of the delay.
"""

import asyncio
import base64
import io
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from tests.ports import HOST, free_port
from tests.processes import Process, answers

SIDE = 1024
MODERATION_SECONDS = 0.2
#: With this much noise the file has 1.5 MB.
_NOISE = 2.75


def picture() -> bytes:
    """Return a PNG of about 1.5 MB: a gradient with noise, because photographs have noise."""
    gradient = Image.linear_gradient("L").resize((SIDE, SIDE)).point(lambda value: value // 2)
    noise = Image.effect_noise((SIDE, SIDE), _NOISE)
    bands = [Image.blend(gradient, noise.rotate(90 * turn), 0.5) for turn in range(3)]
    file = io.BytesIO()
    Image.merge("RGB", bands).save(file, "PNG", compress_level=1)
    return file.getvalue()


def image_response(image: bytes) -> bytes:
    usage = {"input_tokens": 20, "output_tokens": 200, "total_tokens": 220}
    head = json.dumps({"created": 1, "output_format": "png", "size": f"{SIDE}x{SIDE}", "usage": usage}).encode()[:-1]
    body = head + b', "data": [{"b64_json": "' + base64.b64encode(image) + b'"}]}'
    return response(body)


def moderation_response(request_body: bytes) -> bytes:
    """Return a response that flags none of the texts."""
    results = [{"flagged": False, "categories": {}} for _ in json.loads(request_body)["input"]]
    return response(json.dumps({"results": results}).encode())


def response(body: bytes) -> bytes:
    lines = ["HTTP/1.1 200 OK", "content-type: application/json", f"content-length: {len(body)}", "x-request-id: req_1"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def serve(port: int, delay_seconds: float, spread: float) -> None:
    image = image_response(picture())

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                sizes = [
                    line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
                ]
                body = await reader.readexactly(int(sizes[0]) if sizes else 0)
                is_moderation = head.startswith(b"POST /v1/moderations ")
                if head.startswith(b"POST"):
                    seconds = delay_seconds * random.uniform(1 - spread, 1 + spread)
                    await asyncio.sleep(min(seconds, MODERATION_SECONDS) if is_moderation else seconds)
                writer.write(moderation_response(body) if is_moderation else image)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, HOST, port, backlog=1000)
    async with server:
        await server.serve_forever()


@contextmanager
def upstream(directory: Path, delay_seconds: float, spread: float = 0) -> Iterator[str]:
    """Run an upstream in its own process and yield its base URL."""
    port = free_port()
    command = [sys.executable, "-m", "bench.upstream", str(port), str(delay_seconds), str(spread)]
    process = Process("upstream", command, dict(os.environ), directory / "upstream.log").start()
    process.wait_until(lambda: answers(f"http://{HOST}:{port}/"))
    try:
        yield f"http://{HOST}:{port}/v1"
    finally:
        process.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
