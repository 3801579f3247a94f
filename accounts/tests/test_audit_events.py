"""What people do at the site's door is in the security trail: each over HTTP, with who, how and from where."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from accounts.tests.conftest import ReadCode
from accounts.tests.credentials import credential
from tests.cast import SignedIn, digits

LOGIN = reverse("account_login")
PASSWORD = "a violin under the stairs"
SECRET = generate_totp_secret()


def trail() -> list[tuple[str, str | None, str]]:
    """Return action, address of the user and note of what is on record, oldest first."""
    entries = AuditEntry.objects.order_by("pk").select_related("user")
    return [(entry.action, entry.user.email if entry.user else None, entry.note) for entry in entries]


def last() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


@pytest.fixture
def with_password(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    return bob


@pytest.fixture
def limits(settings: Any, no_limits: None) -> None:
    """Undo what the other tests here switch off."""
    settings.ACCOUNT_RATE_LIMITS = {}


def test_signing_in_by_code_is_recorded(client: Client, bob: User, read_code: ReadCode) -> None:
    client.post(LOGIN, {"login": bob.email, "password": ""})
    client.post(reverse("account_confirm_login_code"), {"code": read_code(bob.email)})
    sent, came_in = trail()
    assert sent == (AuditAction.CODE_SENT, bob.email, "sign_in")
    assert came_in == (AuditAction.SIGNED_IN, bob.email, "code")


def test_a_sign_in_is_recorded_with_its_browser_and_ip_address(client: Client, with_password: User) -> None:
    client.post(
        LOGIN,
        {"login": with_password.email, "password": PASSWORD},
        REMOTE_ADDR="192.0.2.7",
        HTTP_USER_AGENT="Firefox/1",
    )
    entry = last()
    assert (entry.action, entry.actor, entry.note) == (AuditAction.SIGNED_IN, with_password, "password")
    assert (entry.ip, entry.user_agent) == ("192.0.2.7", "Firefox/1")


def test_a_wrong_password_is_recorded(client: Client, with_password: User) -> None:
    client.post(LOGIN, {"login": with_password.email, "password": "wrong"})
    assert trail() == [(AuditAction.SIGN_IN_FAILED, with_password.email, "password")]
    assert last().actor is None


def test_an_address_that_nobody_has(client: Client, db: None) -> None:
    client.post(LOGIN, {"login": "nobody@example.org", "password": "wrong"})
    client.post(LOGIN, {"login": "Nobody2@example.org", "password": ""})
    failed = [(entry.action, entry.user, entry.address) for entry in AuditEntry.objects.all()]
    actions = AuditAction.SIGN_IN_FAILED
    assert failed == [(actions, None, "nobody2@example.org"), (actions, None, "nobody@example.org")]


def test_no_password_or_code_reaches_the_trail_or_the_log(
    client: Client, with_password: User, read_code: ReadCode, caplog: pytest.LogCaptureFixture
) -> None:
    client.post(LOGIN, {"login": with_password.email, "password": "wrong-secret"})
    client.post(LOGIN, {"login": with_password.email, "password": ""})
    code = read_code(with_password.email)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    stored = str(list(AuditEntry.objects.values()))
    assert "wrong-secret" not in caplog.text + stored
    assert code not in caplog.text + stored


def test_a_wrong_code_is_recorded(client: Client, bob: User) -> None:
    client.post(LOGIN, {"login": bob.email, "password": ""})
    client.post(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
    assert trail()[-1] == (AuditAction.SIGN_IN_FAILED, bob.email, "code")


def test_both_attempts_of_a_second_step_are_recorded(client: Client, with_password: User) -> None:
    TOTP.activate(with_password, SECRET)
    client.post(LOGIN, {"login": with_password.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": digits(SECRET)})
    failed, came_in = trail()
    assert failed == (AuditAction.SIGN_IN_FAILED, with_password.email, "totp")
    assert came_in == (AuditAction.SIGNED_IN, with_password.email, "password, totp")


def test_a_passkey_that_nobody_has(client: Client, db: None) -> None:
    client.post(reverse("mfa_login_webauthn"), {"credential": credential()})
    assert trail() == [(AuditAction.SIGN_IN_FAILED, None, "webauthn")]


def test_too_many_wrong_passwords_are_recorded_as_a_lock_out(limits: None, with_password: User) -> None:
    for _ in range(7):
        Client().post(LOGIN, {"login": with_password.email, "password": "wrong"})
    assert AuditEntry.objects.filter(action=AuditAction.SIGN_IN_FAILED, user=with_password).count() == 5
    assert trail()[-1] == (AuditAction.LOCKED_OUT, with_password.email, "password")


def test_too_many_wrong_digits_are_recorded_as_a_lock_out(limits: None, client: Client, with_password: User) -> None:
    TOTP.activate(with_password, SECRET)
    client.post(LOGIN, {"login": with_password.email, "password": PASSWORD})
    for _ in range(6):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert trail()[-1] == (AuditAction.LOCKED_OUT, with_password.email, "totp")


def test_too_many_posts_of_one_page_are_recorded_as_a_lock_out(limits: None, db: None) -> None:
    for _ in range(21):
        answer = Client().post(reverse("account_signup"), {})
    assert answer.status_code == 429
    assert trail() == [(AuditAction.LOCKED_OUT, None, "account_signup")]


def test_signing_out_is_recorded(signed_in: SignedIn, bob: User) -> None:
    signed_in(bob).post(reverse("account_logout"))
    assert trail() == [(AuditAction.SIGNED_OUT, bob.email, "")]


def test_a_password_that_is_set_and_changed_is_recorded(just_signed_in: SignedIn, bob: User) -> None:
    browser = just_signed_in(bob)
    browser.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    new = {"oldpassword": PASSWORD, "password1": PASSWORD + "2", "password2": PASSWORD + "2"}
    browser.post(reverse("account_change_password"), new)
    assert [action for action, _, _ in trail()] == [AuditAction.PASSWORD_SET, AuditAction.PASSWORD_CHANGED]


def test_a_password_reset_by_code_is_recorded(client: Client, with_password: User, read_code: ReadCode) -> None:
    client.post(reverse("account_reset_password"), {"email": with_password.email})
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(with_password.email)})
    new = {"password1": PASSWORD + "2", "password2": PASSWORD + "2"}
    client.post(reverse("account_complete_password_reset"), new)
    assert trail()[:2] == [
        (AuditAction.CODE_SENT, with_password.email, "password_reset"),
        (AuditAction.PASSWORD_RESET, with_password.email, ""),
    ]


def test_a_changed_address_is_recorded(just_signed_in: SignedIn, bob: User, read_code: ReadCode) -> None:
    browser = just_signed_in(bob)
    browser.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    browser.post(reverse("account_email_verification_sent"), {"code": read_code("new@example.org")})
    assert EmailAddress.objects.get(user=bob).email == "new@example.org"
    entry = AuditEntry.objects.get(action=AuditAction.EMAIL_CHANGED)
    assert (entry.user, entry.address, entry.note) == (bob, "new@example.org", "bob@example.org → new@example.org")


def test_signing_up_changes_no_address(client: Client, db: None, read_code: ReadCode) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.org"})
    client.post(reverse("account_email_verification_sent"), {"code": read_code("new@example.org")})
    assert [action for action, _, _ in trail()] == [AuditAction.CODE_SENT, AuditAction.SIGNED_IN]


@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_added_is_recorded(just_signed_in: SignedIn, bob: User) -> None:
    browser = just_signed_in(bob)
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    browser.post(reverse("mfa_activate_totp"), {"code": digits(secret)})
    added, codes = sorted(trail())
    assert added == (AuditAction.FACTOR_ADDED, bob.email, "totp")
    assert codes == (AuditAction.RECOVERY_CODES_MADE, bob.email, "")


@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_removed_is_recorded(signed_in: SignedIn, bob: User) -> None:
    TOTP.activate(bob, SECRET)
    browser = signed_in(bob)
    browser.post(reverse("mfa_reauthenticate"), {"code": digits(SECRET)})
    browser.post(reverse("mfa_deactivate_totp"))
    assert trail() == [(AuditAction.FACTOR_REMOVED, bob.email, "totp")]


def test_a_provider_that_is_disconnected_is_recorded(
    just_signed_in: SignedIn, with_password: User, settings: Any
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "for-tests", "secret": "for-tests"}]}}
    account = SocialAccount.objects.create(user=with_password, provider="google", uid="1")
    just_signed_in(with_password).post(reverse("socialaccount_connections"), {"account": account.pk})
    assert trail() == [(AuditAction.SOCIAL_REMOVED, with_password.email, "google")]


@pytest.fixture
def broken_trail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Exception], None]]:
    """Return what lets every insert into the trail fail with that error."""

    def breaking(error: Exception) -> None:
        def save(*_args: Any, **_kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(AuditEntry, "save", save)

    return breaking


def test_nobody_stays_outside_because_the_database_is_busy(
    client: Client, with_password: User, broken_trail: Callable[[Exception], None]
) -> None:
    broken_trail(OperationalError("database is locked"))
    client.post(LOGIN, {"login": with_password.email, "password": PASSWORD})
    assert client.get(reverse("account")).status_code == 200


def test_a_fault_in_the_trail_is_not_hidden(
    client: Client, with_password: User, broken_trail: Callable[[Exception], None]
) -> None:
    broken_trail(TypeError("a fault"))
    with pytest.raises(TypeError):
        client.post(LOGIN, {"login": with_password.email, "password": PASSWORD})


def test_a_sign_in_costs_one_insert(client: Client, with_password: User, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(99) as queries:
        client.post(LOGIN, {"login": with_password.email, "password": PASSWORD})
    inserts = [query["sql"] for query in queries.captured_queries if query["sql"].startswith("INSERT")]
    assert len([sql for sql in inserts if "accounts_auditentry" in sql]) == 1
