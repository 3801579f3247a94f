"""The admin links only to pages that the operator's role may open."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import User
from batches.models import WebhookDelivery, WebhookEndpoint
from billing import plans
from operations.customers import roles
from tests.cast import MakeBatch, SignedIn, deliver_next, fail_next, give_plan_for_a_year, make_person

LINK = re.compile(r'<a [^>]*href="(/admin/[^"?#]+)')
#: Links on every page, which all operators may open.
SHARED = {reverse("admin:logout"), reverse("admin:password_change")}


@pytest.fixture
def customer(alice: User, make_batch: MakeBatch) -> User:
    """Alice, with something in most lists."""
    batch = make_batch(alice, 3)
    deliver_next(batch)
    fail_next(batch)
    give_plan_for_a_year(alice, plans.STARTER)
    api_keys.create(alice, "Printer", actor=alice)
    endpoint = WebhookEndpoint.objects.create(user=alice, url="https://hooks.example.org/")
    WebhookDelivery.objects.create(user=alice, endpoint=endpoint, url=endpoint.url, event="batch.finished", body="{}")
    return alice


def pages() -> list[str]:
    """Return the first page, each list, and the page of a row of each."""
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        found += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.all()[:1]]
    return found


def links_of(client: Client, page: str) -> set[str]:
    answer = client.get(page)
    return set(LINK.findall(answer.content.decode())) - SHARED if answer.status_code == 200 else set()


@pytest.mark.parametrize("role", [*roles.ROLES, roles.OWNER])
def test_no_link_leads_to_a_refusal(role: str, signed_in: SignedIn, customer: User) -> None:
    operator = make_person("Otto", is_staff=True)
    operator.groups.add(Group.objects.get(name=role))
    client = signed_in(operator)
    links = {
        link: page
        for page in [*pages(), reverse("admin:accounts_user_change", args=[customer.pk])]
        for link in links_of(client, page)
    }
    refused = {link: page for link, page in links.items() if client.get(link).status_code == 403}
    assert links
    assert refused == {}
