"""Keys as they are made, stored, found and ended."""

import hashlib
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import ApiKey, AuditEntry, User
from tests.threads import at_once


def test_a_key_is_found_by_its_text(alice: User) -> None:
    key, text = api_keys.create(alice, "a program")
    assert api_keys.find(text) == key
    assert text.startswith(f"iib_{key.public_id}_")


def test_only_the_hash_of_the_secret_is_stored(alice: User) -> None:
    key, text = api_keys.create(alice, "a program")
    secret = text.rsplit("_", 1)[1]
    key.refresh_from_db()
    assert key.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(vars(key))


@pytest.mark.parametrize("text", ["", "iib", "iib_wrong_key", "iib_{id}_{secret}\n", "IIB_{id}_{secret}", "iib_é_ü"])
def test_a_malformed_key_is_refused(alice: User, text: str) -> None:
    _, right = api_keys.create(alice, "a program")
    _, public_id, secret = right.split("_")
    with pytest.raises(api_keys.KeyRefused):
        api_keys.find(text.format(id=public_id, secret=secret))


def test_a_wrong_secret_does_not_reveal_that_the_key_was_revoked(alice: User) -> None:
    key, text = api_keys.create(alice, "a program")
    key.revoke(alice)
    with pytest.raises(api_keys.KeyRefused) as refused:
        api_keys.find(text[:-48] + "0" * 48)
    assert refused.type is api_keys.KeyRefused


def test_an_unknown_id_is_refused(db: None) -> None:
    with pytest.raises(api_keys.KeyRefused):
        api_keys.find(f"iib_{'0' * 12}_{'0' * 48}")


def test_a_revoked_key_is_refused(alice: User) -> None:
    key, text = api_keys.create(alice, "a program")
    assert key.revoke(alice)
    with pytest.raises(api_keys.KeyRevoked):
        api_keys.find(text)


def test_a_key_is_refused_from_its_last_moment_on(alice: User) -> None:
    _, text = api_keys.create(alice, "a program", expires_at=timezone.now())
    with pytest.raises(api_keys.KeyExpired):
        api_keys.find(text)
    _, later = api_keys.create(alice, "a program", expires_at=timezone.now() + timedelta(hours=1))
    assert api_keys.find(later)


def test_the_key_of_somebody_who_was_shut_out_is_refused(alice: User) -> None:
    _, text = api_keys.create(alice, "a program")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(api_keys.KeyRefused):
        api_keys.find(text)


def test_a_key_is_revoked_once(alice: User, olga: User) -> None:
    key, _ = api_keys.create(alice, "a program", actor=alice)
    assert key.revoke(olga)
    assert not ApiKey.objects.get(pk=key.pk).revoke(alice)
    trail = AuditEntry.objects.of(alice).values_list("action", "actor__name", "subject", "note")
    program = (key.public_id, "a program")
    assert list(trail) == [("key_revoked", "Olga", *program), ("key_created", "Alice", *program)]


@pytest.mark.django_db(transaction=True)
def test_of_one_form_sent_four_times_at_once_one_makes_a_key(alice: User) -> None:
    form = partial(api_keys.create_once, alice, uuid.uuid4(), "a program", api_keys.DEFAULT_SCOPES)
    results = at_once([form] * 4)
    assert sum(isinstance(result, api_keys.MadeBefore) for result in results) == 3
    assert ApiKey.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_taken_once(alice: User) -> None:
    for number in range(api_keys.MAX_KEYS - 1):
        api_keys.create(alice, f"number {number}")
    forms = [partial(api_keys.create_once, alice, uuid.uuid4(), "last", api_keys.DEFAULT_SCOPES) for _ in range(4)]
    assert sum(isinstance(result, api_keys.TooManyKeys) for result in at_once(forms)) == 3
    assert ApiKey.objects.of(alice).count() == api_keys.MAX_KEYS
