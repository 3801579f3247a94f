"""The admin in a real Chromium under the strict Content-Security-Policy: nothing blocked, no error, widgets work."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.keys import api_keys
from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch, ImageModel, ModerationCase, WebhookDelivery, WebhookEndpoint
from operations.customers import suspension
from tests.browser.conftest import OpenWindow
from tests.cast import MakeBatch, deliver_next, fail_next, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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


def pages() -> list[str]:
    """Return the address of every list, add, change, history and deletion page that has something to show."""
    found = [reverse("admin:index"), reverse("admin:dashboard")]
    for model in admin.site._registry:
        row = model._default_manager.first()
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(f"{name}_changelist")]
        found += [reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history") if row]
    return [*found, *(f"{reverse('admin:app_list', args=[app])}" for app in ("accounts", "billing", "batches"))]


def test_no_page_breaks_the_policy(olgas: Watched, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice).wait(WaitReason.UPSTREAM_KEY, "invalid_api_key")
    forms = ["accounts_user_add", "batches_imagemodel_add", "auth_group_add"]
    extra = [reverse(f"admin:{name}") for name in forms]
    extra += [reverse("admin:accounts_user_credits", query={"ids": alice.pk})]
    extra += [reverse(f"admin:accounts_user_{act}", args=[alice.pk]) for act in ("suspend", "roles", "refund")]
    # Operators can't set a customer's password.
    extra += [reverse("admin:auth_user_password_change", args=[make_person("Otto", is_staff=True).pk])]
    extra += [reverse("admin:batches_imagemodel_delete", args=[ImageModel.objects.first().pk])]
    for path in [*pages(), *extra]:
        olgas.open(path)
    assert olgas.faults == []


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


#: Of Django's own templates: the search field has an image as its label, and inlines a column without a heading.
DJANGOS = {name: {"enabled": False} for name in ("label-title-only", "empty-table-header")}
ACTS = ("change", "suspend", "roles", "refund")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_pages_are_accessible(olgas: Watched, busy: User, bob: User, scheme: Any) -> None:
    olgas.page.emulate_media(color_scheme=scheme)
    paths = [reverse(f"admin:accounts_user_{act}", args=[busy.pk]) for act in ACTS]
    paths += [reverse("admin:index"), reverse("admin:accounts_user_change", args=[bob.pk])]
    paths += [reverse("admin:accounts_user_credits", query={"ids": busy.pk})]
    paths += [reverse("admin:batches_moderationcase_change", args=[ModerationCase.objects.get().pk])]
    paths += [reverse(f"admin:{name}_changelist") for name in ("accounts_user", "batches_moderationcase")]
    for path in paths:
        violations = Axe().run(olgas.open(path), options={"rules": DJANGOS}).response["violations"]
        assert [(path, fault["id"], fault["nodes"][0]["html"]) for fault in violations] == []


def test_every_list_fits_into_1280_pixels(olgas: Watched, busy: User) -> None:
    olgas.page.set_viewport_size({"width": 1280, "height": 800})
    too_wide = []
    for model in admin.site._registry:
        page = olgas.open(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        if page.evaluate("[...document.querySelectorAll('html, .results')].some(e => e.scrollWidth > e.clientWidth)"):
            too_wide.append(model._meta.label)
    assert too_wide == []


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


def test_an_owner_promotes_a_user(olgas: Watched, alice: User) -> None:
    page = olgas.open(reverse("admin:accounts_user_change", args=[alice.pk]))
    page.get_by_role("link", name="Promote to operator…").click()
    page.get_by_label("Support").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-role_names")).to_contain_text("Support")
    assert olgas.faults == []


def faults_of(page: Page, rule: str) -> list[str]:
    """Return the elements that break that rule of axe's."""
    violations = Axe().run(page, options={"runOnly": [rule]}).response["violations"]
    return [node["html"] for fault in violations for node in fault["nodes"]]


def test_each_cell_of_the_models_list_has_a_label(olgas: Watched, image_model: ImageModel) -> None:
    page = olgas.open(reverse("admin:batches_imagemodel_changelist"))
    assert faults_of(page, "label") == []
    expect(page.get_by_label(f"On offer: {image_model}")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_models_pages_can_be_read(olgas: Watched, image_model: ImageModel, scheme: Any) -> None:
    olgas.page.emulate_media(color_scheme=scheme)
    for name, args in (("changelist", []), ("change", [image_model.pk])):
        page = olgas.open(reverse(f"admin:batches_imagemodel_{name}", args=args))
        assert faults_of(page, "color-contrast") == []


def test_an_operator_resumes_a_batch_from_the_notice(olgas: Watched, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    page = olgas.open(reverse("admin:index"))
    page.get_by_role("link", name="1 batch on hold").click()
    page.get_by_role("link", name=str(batch)).click()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".messagelist .success")).to_have_text("1 batch updated.")
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.QUEUED
    assert olgas.faults == []


def test_an_operator_gives_credits(olgas: Watched, bob: User) -> None:
    page = olgas.open(reverse("admin:accounts_user_changelist"))
    page.get_by_role("row", name=bob.email).get_by_role("checkbox").check()
    page.get_by_role("combobox", name="Action").select_option("give_credits")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Credits").fill("20")
    page.get_by_label("Reason").fill("sorry for the wait")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messagelist .success")).to_have_text("+20 credits for 1 user.")
    assert olgas.faults == []
