"""Who the REST API lets in: 401 is about the key, 403 about its scope."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.keys import api_keys
from accounts.keys.auth import KeyAuth
from accounts.models import ApiKey, User
from rest.problems import Problem


def enter(text: str, scope: str = "", scheme: str = "Bearer") -> Any:
    return KeyAuth(scope)(RequestFactory().get("/", headers={"Authorization": f"{scheme} {text}"}))


def test_a_key_with_the_scope_is_let_in(alice: User) -> None:
    key, text = api_keys.create(alice, "a program", ["batches:read"])
    assert enter(text, "batches:read") == enter(text) == enter(text, scheme="bearer") == key


def test_the_error_names_the_missing_scope(alice: User) -> None:
    _, text = api_keys.create(alice, "a program", ["batches:read"])
    with pytest.raises(Problem) as missing:
        enter(text, "batches:write")
    assert missing.value.status == 403
    assert "batches:write" in missing.value.detail


@pytest.mark.parametrize(("headers"), [{}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}])
def test_no_key_is_asked_for(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as missing:
        KeyAuth()(RequestFactory().get("/", headers=headers))
    assert (missing.value.status, missing.value.code) == (401, "missing_key")


@pytest.mark.parametrize("text", ["", "x", "iib_wrong_key", "iib_\u00e9", "iib_" + "a" * 100_000])
def test_what_is_no_key_is_refused_without_a_query(text: str, django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0), pytest.raises(Problem):
        enter(text)


def test_a_revoked_and_an_expired_key_get_different_errors(alice: User) -> None:
    revoked, revoked_text = api_keys.create(alice, "revoked")
    revoked.revoke(alice)
    _, expired_text = api_keys.create(alice, "expired", expires_at=timezone.now())
    codes = []
    for text in (revoked_text, expired_text):
        with pytest.raises(Problem) as refused:
            enter(text)
        codes.append(refused.value.code)
    assert codes == ["revoked_key", "expired_key"]


def used_at(key: ApiKey) -> Any:
    key.refresh_from_db()
    return key.last_used_at


def test_its_use_is_noted_at_most_once_a_minute(alice: User) -> None:
    key, text = api_keys.create(alice, "a program")
    enter(text)
    first = used_at(key)
    enter(text)
    assert used_at(key) == first
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=long_ago)
    enter(text)
    assert used_at(key) > long_ago
