"""Browsers of customers, in one thread and cheap enough to run a thousand of them on the site's machine."""

import asyncio
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

_FORM_FIELDS = re.compile(rb'name="(csrfmiddlewaretoken|submission_key)" value="([^"]+)"')
_LENGTH = re.compile(r"\r\ncontent-length: (\d+)", re.IGNORECASE)
_COOKIE = re.compile(r"\r\nset-cookie: (\w+)=([^;]*)", re.IGNORECASE)
_CLOSE = re.compile(r"\r\nconnection: close", re.IGNORECASE)
_REVISION = re.compile(rb'data-revision="(\d+)"')
#: As browsers do.
_HEADERS = "Accept-Language: en\r\nConnection: keep-alive\r\n"
_TIMEOUT_SECONDS = 30


@dataclass
class Log:
    """Seconds of each kind of request, and the answers that were errors."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def forget(self) -> None:
        self.seconds.clear()


class Browser:
    """One connection that is kept alive, with a session's cookies."""

    def __init__(self, port: int, session: str, log: Log) -> None:
        self._port, self._log = port, log
        self.cookies = {"sessionid": session}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, kind: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
        """Get a page, or post a body if there is one; return what comes back, empty after an error."""
        method = "POST" if body else "GET"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: {cookies}\r\n{_HEADERS}{headers}"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        started_at = time.perf_counter()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                status, answer = await self._answer(request)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._streams, status, answer = None, type(error).__name__, b""
        self._log.seconds[kind].append(time.perf_counter() - started_at)
        if status not in ("200", "302"):
            self._log.errors[f"{kind}: {status}"] += 1
            return b""
        return answer

    async def _answer(self, request: bytes) -> tuple[str, bytes]:
        if self._streams:
            try:
                return await self._exchange(*self._streams, request)
            except (OSError, asyncio.IncompleteReadError):
                # The server may close an idle connection. Browsers then send the request once more.
                self._streams[1].close()
        self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        return await self._exchange(*self._streams, request)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> tuple[str, bytes]:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        self.cookies |= dict(_COOKIE.findall(head))
        if _CLOSE.search(head):
            writer.close()
            self._streams = None
        return head.split(" ", 2)[1], body


async def watch(browser: Browser, page: str, *, receives: bool) -> None:
    """Open a batch's page and poll at the pace that the site asks for. One page of a batch receives its images."""
    html = await browser.send("page", page)
    token = _token_of(html)
    revision, next_seconds = int(_REVISION.findall(html)[0]), 2.0
    while True:
        await asyncio.sleep(next_seconds)
        answer = await browser.send("poll", f"{page}progress/?since={revision}")
        if not answer:
            continue
        news: dict[str, Any] = json.loads(answer)
        revision, next_seconds = news["revision"], news.get("next_seconds", next_seconds)
        if receives:
            await _receive(browser, page, token, news.get("changed", ()))


async def _receive(browser: Browser, page: str, token: str, cards: list[dict[str, Any]]) -> None:
    ready = [card for card in cards if card.get("image") and not card["image"]["confirmed"]]
    for card in ready:
        await browser.send("image", f"{page}images/{card['position']}/")
        images = [{"position": card["position"], "sha256": card["image"]["sha256"]}]
        headers = f"Content-Type: application/json\r\nX-CSRFToken: {token}\r\n"
        await browser.send("confirmation", f"{page}confirm/", json.dumps({"images": images}).encode(), headers)


async def submit(browser: Browser, prompts: list[str]) -> None:
    """Open the form of a new batch, send a list, and look at its page."""
    html = await browser.send("page", "/batches/new/")
    fields = {name.decode(): value.decode() for name, value in _FORM_FIELDS.findall(html)}
    fields |= {"prompts": "\n".join(prompts), "model": "gpt-image-2.5-flare", "quality": "low"}
    fields |= {"format": "png", "ratio": "1:1", "title": "submitted"}
    body = "&".join(f"{quote(name)}={quote(value)}" for name, value in fields.items()).encode()
    await browser.send("submit", "/batches/new/", body, "Content-Type: application/x-www-form-urlencoded\r\n")
    await browser.send("page", "/batches/")


def _token_of(html: bytes) -> str:
    return next(value.decode() for name, value in _FORM_FIELDS.findall(html) if name == b"csrfmiddlewaretoken")


async def regularly(act: Callable[[int], Awaitable[None]], seconds: float) -> None:
    """Start `act` every so many seconds, whether or not the last one has ended."""
    under_way, number = set(), 0
    while True:
        task = asyncio.ensure_future(act(number))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        number += 1
        await asyncio.sleep(seconds * random.uniform(0.5, 1.5))
