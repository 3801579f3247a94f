"""The admin in a real Chromium under the strict Content-Security-Policy: nothing blocked, no error, widgets work."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.keys import api_keys
from accounts.models import User
from batches.choices import WaitReason
from batches.models import ImageModel, ModerationCase, WebhookDelivery, WebhookEndpoint
from operations.customers import suspension
from tests.browser.conftest import OpenWindow
from tests.browser.good_pages import barriers
from tests.cast import MakeBatch, deliver_next, fail_next, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IS_TOO_WIDE = "[...document.querySelectorAll('html, .results')].some((box) => box.scrollWidth > box.clientWidth)"


class Watched:
    """A tab that remembers all that went wrong in it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base, self.faults = page, base, []
        page.on("console", lambda message: message.type in ("error", "warning") and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", lambda answer: answer.status >= 400 and self.faults.append(f"{answer.status} {answer.url}"))

    def open(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture(scope="session", autouse=True)
def _database_beside_an_event_loop() -> Iterator[None]:
    """Let Django use the database in this thread, in which Playwright keeps its event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def visitors(live_server: Any, open_window: OpenWindow) -> Watched:
    """A tab in which no user is signed in."""
    return Watched(open_window().new_page(), live_server.url)


@pytest.fixture
def olgas(visitors: Watched, olga: User) -> Watched:
    """Olga's tab."""
    client = Client()
    client.force_login(olga)
    name = settings.SESSION_COOKIE_NAME
    visitors.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": visitors.base}])
    return visitors


@pytest.fixture
def busy(alice: User, bob: User, make_batch: MakeBatch) -> User:
    """Alice, with something in every list; her address and her title are long."""
    User.objects.filter(pk=alice.pk).update(email=f"{'alexandria.' * 5}@example.org")
    batch = make_batch(alice, ["y" * 300, "w" * 300, "a fox"], title="z" * 120)
    deliver_next(batch)
    fail_next(batch)
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    endpoint = WebhookEndpoint.objects.create(user=alice, url=f"https://hooks.example.org/{'path/' * 20}")
    WebhookDelivery.objects.create(user=alice, endpoint=endpoint, url=endpoint.url, event="batch.finished", body="{}")
    api_keys.create(alice, "Printer", actor=alice)
    suspension.suspend(bob, actor=alice, reason="spam")
    return alice


def lists() -> list[str]:
    """Return the address of every list."""
    return [page_of(model, "changelist") for model in admin.site._registry]


def page_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages(user: User, operator: User) -> list[str]:
    """Return the addresses of the pages that are no lists: each table's with a row, and one of each other kind."""
    found = [reverse(f"admin:{name}") for name in ("index", "dashboard", "accounts_user_add", "batches_imagemodel_add")]
    rows = ((model, model._default_manager.first()) for model in admin.site._registry)
    found += [page_of(model, "change", row.pk) for model, row in rows if row]
    found += [reverse("admin:app_list", args=[app]) for app in ("accounts", "billing", "batches")]
    found += [reverse("admin:auth_group_add"), reverse("admin:accounts_user_history", args=[user.pk])]
    found += [reverse(f"admin:accounts_user_{act}", args=[user.pk]) for act in ("suspend", "roles", "refund")]
    found += [reverse("admin:accounts_user_credits", query={"ids": user.pk})]
    # Operators can't set a customer's password.
    found += [reverse("admin:auth_user_password_change", args=[operator.pk])]
    return [*found, reverse("admin:batches_imagemodel_delete", args=[ImageModel.objects.first().pk])]


def test_no_page_breaks_the_policy(olgas: Watched, busy: User) -> None:
    olgas.page.set_viewport_size({"width": 1280, "height": 800})
    for path in pages(busy, make_person("Otto", is_staff=True)):
        olgas.open(path)
    assert olgas.faults == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_list_fits_into_1280_pixels(olgas: Watched, busy: User, language: str) -> None:
    olgas.page.set_viewport_size({"width": 1280, "height": 800})
    olgas.page.set_extra_http_headers({"Accept-Language": language})
    assert [path for path in lists() if olgas.open(path).evaluate(IS_TOO_WIDE)] == []


def test_the_door_breaks_no_policy(visitors: Watched) -> None:
    visitors.open(reverse("admin:index"))
    expect(visitors.page).to_have_url(re.compile(reverse("account_login")))
    assert visitors.faults == []


def test_the_widgets_of_the_models_page_work(olgas: Watched, image_model: ImageModel) -> None:
    page = olgas.open(reverse("admin:batches_imagemodel_change", args=[image_model.pk]))
    page.get_by_role("link", name="Today").first.click()
    expect(page.get_by_label("Retires on")).not_to_have_value("")
    page.get_by_role("link", name="Choose a Date").or_(page.locator(".date-icon")).first.click()
    expect(page.locator(".calendarbox").first).to_be_visible()
    page.locator(".add-row a").click()
    expect(page.locator("tr.dynamic-qualities")).to_have_count(image_model.qualities.count() + 1)
    assert olgas.faults == []


def test_models_are_edited_in_the_list(olgas: Watched, image_model: ImageModel) -> None:
    page = olgas.open(reverse("admin:batches_imagemodel_changelist"))
    row = page.get_by_role("row", name=image_model.code)
    row.get_by_role("checkbox").last.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    image_model.refresh_from_db()
    assert not image_model.enabled
    assert olgas.faults == []


#: Of Django's own templates: the search field has an image as its label, and inlines a column without a heading.
DJANGOS = ("label-title-only", "empty-table-header")
ACTS = ("change", "suspend", "roles", "refund")


def test_the_main_pages_are_accessible(olgas: Watched, busy: User, bob: User) -> None:
    paths = [reverse(f"admin:accounts_user_{act}", args=[busy.pk]) for act in ACTS]
    paths += [reverse("admin:index"), reverse("admin:accounts_user_change", args=[bob.pk])]
    paths += [reverse("admin:accounts_user_credits", query={"ids": busy.pk})]
    paths += [reverse("admin:batches_moderationcase_change", args=[ModerationCase.objects.get().pk])]
    paths += [reverse(f"admin:{name}_changelist") for name in ("accounts_user", "batches_moderationcase")]
    assert [(path, fault) for path in paths for fault in barriers(olgas.open(path), DJANGOS)] == []


def test_the_models_pages_can_be_read_and_each_cell_of_their_list_has_a_label(
    olgas: Watched, image_model: ImageModel
) -> None:
    page = olgas.open(reverse("admin:batches_imagemodel_changelist"))
    assert barriers(page, only=["color-contrast", "label"]) == []
    expect(page.get_by_label(f"Available: {image_model}")).to_be_checked()
    olgas.open(reverse("admin:batches_imagemodel_change", args=[image_model.pk]))
    assert barriers(page, only=["color-contrast"]) == []


def test_an_account_is_suspended_with_the_keyboard(olgas: Watched, alice: User) -> None:
    page = olgas.open(reverse("admin:accounts_user_change", args=[alice.pk]))
    page.get_by_role("link", name="Suspend…").press("Enter")
    page.get_by_label("Reason").type("spam")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This account is suspended.")).to_be_visible()
    page.get_by_role("button", name="Lift the suspension").press("Enter")
    expect(page.get_by_role("link", name="Suspend…")).to_be_visible()
    assert olgas.faults == []
