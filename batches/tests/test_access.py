"""Owner only: a stranger gets 404 from every address of a batch, a visitor the door, a script 401."""

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from accounts.models import User
from batches.choices import BatchStatus
from batches.models import Batch
from tests.cast import MakeBatch, SignedIn, deliver_next

POSTED = ("pause", "resume", "cancel", "retry", "delete", "confirm", "verdicts", "again_rejected")
SHOWN = (
    *("detail", "ask_delete", "edit_prompt", "progress", "image", "manifest", "zip", "again"),
    *("edit", "save_batch_as_preset"),
)
OF_PHOTOS = ("add_photos", "for_the_rest", "delete_photo")
#: Addresses without a batch, and one that only a refused prompt has.
OTHERS = (
    *("list", "new", "bill", "presets", "save_preset", "use_preset", "delete_preset"),
    *("improve", "write_list", "reword", "reference", "upload_reference", "delete_unused_reference"),
    # Those of a batch's photos.
    *OF_PHOTOS,
)
FETCHED_BY_SCRIPTS = ("progress", "image", "manifest", "confirm", "verdicts")
OF_ONE_PROMPT = ("image", "edit_prompt", "again", "edit")


def address(name: str, batch: Batch) -> str:
    return reverse(f"batches:{name}", args=[batch.pk, *([1] if name in (*OF_ONE_PROMPT, "delete_photo") else [])])


def ask(client: Client, name: str, batch: Batch) -> Any:
    return (client.post if name in POSTED else client.get)(address(name, batch))


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's batch, its first image ready."""
    made = make_batch(alice)
    deliver_next(made)
    return made


def test_this_file_knows_every_address_of_a_batch() -> None:
    _, namespace = get_resolver().namespace_dict["batches"]
    names = {pattern.name for pattern in namespace.url_patterns if isinstance(pattern, URLPattern)}
    assert names == {*POSTED, *SHOWN, *OTHERS}


@pytest.mark.parametrize("name", [*POSTED, *SHOWN, *OF_PHOTOS])
def test_a_stranger_gets_404(name: str, batch: Batch, signed_in: SignedIn, charlie: User) -> None:
    method = signed_in(charlie).post if name in (*POSTED, *OF_PHOTOS) else signed_in(charlie).get
    assert method(address(name, batch)).status_code == 404


@pytest.mark.parametrize("name", [*POSTED, *SHOWN])
def test_an_operator_has_no_other_way_in_than_the_admin(
    name: str, batch: Batch, signed_in: SignedIn, olga: User
) -> None:
    assert ask(signed_in(olga), name, batch).status_code == 404


@pytest.mark.parametrize("name", FETCHED_BY_SCRIPTS)
def test_a_script_without_a_session_gets_401(name: str, batch: Batch, client: Client) -> None:
    response = ask(client, name, batch)
    assert response.status_code == 401
    assert response.json()["error"] == "signed_out"


@pytest.mark.parametrize("name", sorted({*SHOWN} - {*FETCHED_BY_SCRIPTS}))
def test_a_visitor_is_sent_to_the_door(name: str, batch: Batch, client: Client) -> None:
    response = ask(client, name, batch)
    assert response.url == f"{reverse('account_login')}?next={address(name, batch)}"


@pytest.mark.parametrize("name", sorted({*POSTED} - {*FETCHED_BY_SCRIPTS}))
def test_whose_session_has_ended_signs_in_and_is_back_at_the_button(name: str, batch: Batch, client: Client) -> None:
    page = address("detail", batch)
    response = client.post(address(name, batch), headers={"referer": f"http://testserver{page}"})
    assert response.url == f"{reverse('account_login')}?next={page}"


@pytest.mark.parametrize("name", sorted({*POSTED} - {*FETCHED_BY_SCRIPTS}))
def test_a_script_that_presses_a_button_without_a_session_gets_401(name: str, batch: Batch, client: Client) -> None:
    response = client.post(address(name, batch), headers={"accept": "application/json"})
    assert response.status_code == 401
    assert not client.cookies


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/batches/", "http://testserver"])
def test_without_a_page_of_ours_to_return_to_the_sign_in_leads_home(referer: str, batch: Batch, client: Client) -> None:
    response = client.post(address("pause", batch), headers={"referer": referer})
    assert response.url == f"{reverse('account_login')}?next=/"


def test_the_address_of_the_bill_leads_to_the_form(signed_in: SignedIn, alice: User) -> None:
    assert signed_in(alice).get(reverse("batches:bill")).url == reverse("batches:new")


@pytest.mark.parametrize("name", ["list", "new", "bill"])
def test_a_visitor_has_no_batches(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(f"batches:{name}")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted({*POSTED} - {*FETCHED_BY_SCRIPTS}))
def test_a_verb_is_not_done_by_a_link(name: str, batch: Batch, signed_in: SignedIn, alice: User) -> None:
    assert signed_in(alice).get(address(name, batch)).status_code == 405


@pytest.mark.parametrize("name", POSTED)
def test_a_verb_needs_the_sites_own_form(name: str, batch: Batch, alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(address(name, batch)).status_code == 403


@pytest.mark.parametrize("name", [*POSTED, *SHOWN])
def test_a_deleted_batch_is_gone_for_its_owner_too(name: str, batch: Batch, signed_in: SignedIn, alice: User) -> None:
    client = signed_in(alice)
    client.post(address("delete", batch))
    assert ask(client, name, batch).status_code == 404


@pytest.mark.parametrize("position", [0, 4, 2**31, 2**63, 10**30])
@pytest.mark.parametrize("name", OF_ONE_PROMPT)
def test_a_position_that_is_not_in_the_list_gets_404(
    name: str, position: int, batch: Batch, signed_in: SignedIn, alice: User
) -> None:
    assert signed_in(alice).get(reverse(f"batches:{name}", args=[batch.pk, position])).status_code == 404


def test_the_list_shows_ones_own_batches_only(
    batch: Batch, signed_in: SignedIn, charlie: User, make_batch: MakeBatch
) -> None:
    own = make_batch(charlie)
    assert list(signed_in(charlie).get(reverse("batches:list")).context["page"]) == [own]


def test_a_strangers_cancel_changes_nothing(batch: Batch, signed_in: SignedIn, charlie: User) -> None:
    ask(signed_in(charlie), "cancel", batch)
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.RUNNING
