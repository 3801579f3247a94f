"""What the browser tests do on the pages of batches, in the words of a customer."""

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.servers import Stack, wait_for

ADDRESS = re.compile(r"/batches/[0-9a-f-]{36}/$")
STORED = "li.tile[data-stored]"
#: Of a person whom `sign_in_somebody` has signed in.
CSRF_TOKEN = "a" * 32
USUAL_CHOICES = {"model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
#: Facts of the images in IndexedDB, with the SHA-256 of the bytes that can really be read back.
READ_STORED = """async (batch) => {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("images-in-bulk");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = (name, method) => new Promise((resolve) => {
    const range = IDBKeyRange.bound([batch], [batch, []]);
    database.transaction(name).objectStore(name)[method](range).onsuccess = ({ target }) => resolve(target.result);
  });
  const rows = await all("image", "getAll");
  const files = await all("blob", "getAll");
  database.close();
  return Promise.all(rows.map(async ({ position, sha256 }, n) => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await files[n].arrayBuffer()));
    return { position, sha256, real: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  }));
}"""


def sign_in_somebody(context: BrowserContext, site: Stack, credits: int = 200) -> str:
    """Sign a new person in who has that many credits besides the free ones; return the address."""
    email = f"alice-{uuid.uuid4().hex[:8]}@example.org"
    site.manage("create_user", email)
    if credits:
        site.manage("grant_credits", email, str(credits), "--note", "for a test")
    cookies = {"sessionid": site.session_of(email), "csrftoken": CSRF_TOKEN}
    context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in cookies.items()])
    return email


def behave(site: Stack, *, delay_seconds: float = 0, image_bytes: int | None = 10_000) -> None:
    """Change the sandbox.

    PNG files have about so many bytes. They are copies of one picture, each with a comment of its own: drawing a
    picture for each prompt, which None does, takes much longer.
    """
    settings = {"delay_seconds": delay_seconds, "image_bytes": image_bytes}
    requests.post(f"{site.sandbox_url}/sandbox/settings", json=settings, timeout=10).raise_for_status()


def write_list(page: Page, prompts: Iterable[str], names: Iterable[str] = (), **choices: str) -> None:
    """Fill in the form of a new batch."""
    page.goto("/batches/new/")
    page.get_by_label("Prompts", exact=True).fill("\n".join(prompts))
    page.get_by_label("File names").fill("\n".join(names))
    for name, value in choices.items():
        page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)


@contextmanager
def late_script(page: Page, address: str) -> Iterator[None]:
    """Let a script of the page that is opened in the block arrive when the block ends, as over a slow connection."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    with page.expect_request(address):
        yield
    held.pop().continue_()
    page.unroute(address)


def follow(page: Page, link: Locator) -> None:
    """Click a link or a button that leads to another page, and wait until that page's scripts are loaded."""
    with page.expect_event("load"):
        link.click()


def draft_of(page: Page) -> dict[str, Any]:
    """Return the form that this browser has stored, once it has; `page` is open on it."""
    read = "JSON.parse(Object.entries(localStorage).find(([key]) => /^draft:\\d+$/.test(key))?.[1] ?? null)"
    draft: dict[str, Any] = wait_for(lambda: page.evaluate(read))
    return draft


def delete_batch(page: Page) -> None:
    page.get_by_role("button", name="Delete batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete batch").click()


def make_batch_in_form(page: Page, prompts: Iterable[str], names: Iterable[str] = (), **choices: str) -> str:
    """Start a batch as a customer does; return its id, with its page open."""
    write_list(page, prompts, names, **choices)
    page.get_by_role("button", name=re.compile("^Create (images|videos)$")).click()
    page.wait_for_url(ADDRESS)
    return batch_of(page)


def make_batch(page: Page, prompts: Iterable[str], names: Iterable[str] = (), **choices: str) -> str:
    """Start a batch without loading the form, which takes a second; return its id, with its page open."""
    lists = {"prompts": "\n".join(prompts), "names": "\n".join(names), "csrfmiddlewaretoken": CSRF_TOKEN}
    answer = page.request.post("/batches/new/", form={**USUAL_CHOICES, **lists, **choices}, max_redirects=0)
    assert answer.status == 302, answer.text()
    page.goto(answer.headers["location"])
    return batch_of(page)


def batch_of(page: Page) -> str:
    """Return the id of the batch whose page is open."""
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def expect_stored(page: Page, count: int, seconds: float = 60) -> None:
    """Wait until that many images are stored in this browser and shown."""
    expect(page.locator(STORED)).to_have_count(count, timeout=seconds * 1000)


def read_stored(page: Page, batch: str) -> dict[int, str]:
    """Return position -> SHA-256 of the images that can be read back from this browser's disk."""
    rows = page.evaluate(READ_STORED, batch)
    assert [row["real"] for row in rows] == [row["sha256"] for row in rows]
    return {row["position"]: row["real"] for row in rows}


def server_hashes(site: Stack, batch: str) -> dict[int, str]:
    """Return position -> SHA-256 of the images that the server made."""
    return dict(prompts(site, batch, "sha256 <> ''"))


def confirmed(site: Stack, batch: str) -> dict[int, str]:
    """Return position -> SHA-256 of the images that a browser has confirmed."""
    return dict(prompts(site, batch, "confirmed_at IS NOT NULL"))


def prompts(site: Stack, batch: str, condition: str) -> list[tuple[int, str]]:
    """Return position and SHA-256 of the prompts that fulfil an SQL condition."""
    key = uuid.UUID(batch).hex
    return site.query(f"SELECT position, sha256 FROM batches_prompt WHERE batch_id = '{key}' AND {condition}")


def complaints_of(context: BrowserContext) -> list[str]:
    """Return a list that fills with what pages of the context complain about: errors, refused by policy."""
    found: list[str] = []
    context.on("console", lambda message: message.type == "error" and found.append(message.text))
    context.on("weberror", lambda error: found.append(json.dumps(str(error.error))))
    return found
