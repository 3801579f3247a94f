"""Response headers: a strict policy, no frames, no content sniffing, no caching by others."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch
from tests.cast import MakeBatch, deliver_next, fail_next

pytestmark = pytest.mark.any_database

PAGES = ("home", "pricing", "account_login", "batches:list", "batches:new", "account", "admin:index")
INLINE = re.compile(r"\sstyle\s*=|<style\b|<[a-z][^>]*\son[a-z]+\s*=|javascript:", re.I)
SCRIPTS = re.compile(r"<script\b[^>]*>", re.I)


@pytest.fixture
def batch(olga: User, make_batch: MakeBatch) -> Batch:
    """Olga's own batch, with a card of every kind."""
    made = make_batch(olga)
    deliver_next(made)
    fail_next(made)
    return made


def policy(client: Client, url: str) -> dict[str, str]:
    header = client.get(url, follow=True).headers["Content-Security-Policy"]
    return dict(rule.strip().partition(" ")[::2] for rule in header.split(";"))


def test_the_policy_is_strict(olgas: Client) -> None:
    policies = {name: policy(olgas, reverse(name)) for name in PAGES}
    kinds = {name: (rules["default-src"], rules["style-src"]) for name, rules in policies.items()}
    assert kinds == dict.fromkeys(PAGES, ("'none'", "'self'"))
    rules = [(name, rule) for name, rules in policies.items() for rule in rules.values()]
    assert [(name, rule) for name, rule in rules if "unsafe" in rule or "*" in rule] == []


def test_data_may_load_nothing_at_all(olgas: Client, batch: Batch) -> None:
    for url in (reverse("batches:progress", args=[batch.pk]), "/api/v1/account", "/api/v1/nothing"):
        assert policy(olgas, url) == {"default-src": "'none'", "frame-ancestors": "'none'"}


def test_nothing_is_inline_on_any_page(olgas: Client) -> None:
    pages = {name: olgas.get(reverse(name), follow=True).content.decode() for name in PAGES}
    assert [(name, INLINE.findall(page)) for name, page in pages.items() if INLINE.search(page)] == []


def test_nothing_is_inline_on_the_page_of_a_batch(olgas: Client, batch: Batch) -> None:
    page = olgas.get(batch.get_absolute_url()).content.decode()
    assert INLINE.findall(page) == []
    own = [tag for tag in SCRIPTS.findall(page) if 'type="application/json"' not in tag]
    assert [tag for tag in own if "nonce=" not in tag] == []


def test_each_page_has_a_nonce_of_its_own(olgas: Client, batch: Batch) -> None:
    pages = (olgas.get(batch.get_absolute_url()).content.decode() for _ in range(2))
    first, second = (re.search(r'nonce="([^"]+)"', page)[1] for page in pages)
    assert first != second


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_every_page_sends_the_security_header(header: str, value: str, client: Client, db: None) -> None:
    assert client.get(reverse("home")).headers[header] == value


def test_cookies_cannot_be_read_by_scripts_or_sent_along(olga: User, client: Client) -> None:
    client.force_login(olga)
    client.get(reverse("batches:new"))
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
