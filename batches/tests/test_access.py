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

pytestmark = pytest.mark.any_database

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
PRESSED = tuple(sorted({*POSTED} - {*FETCHED_BY_SCRIPTS}))
OPENED = tuple(sorted({*SHOWN} - {*FETCHED_BY_SCRIPTS}))
OF_ONE_PROMPT = ("image", "edit_prompt", "again", "edit")


def address(name: str, batch: Batch) -> str:
    return reverse(f"batches:{name}", args=[batch.pk, *([1] if name in (*OF_ONE_PROMPT, "delete_photo") else [])])


def ask(client: Client, name: str, batch: Batch) -> Any:
    return (client.post if name in (*POSTED, *OF_PHOTOS) else client.get)(address(name, batch))


def statuses(client: Client, names: tuple[str, ...], batch: Batch) -> dict[str, int]:
    """Return what each address answers, by its name."""
    return {name: ask(client, name, batch).status_code for name in names}


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


def test_a_stranger_gets_404(batch: Batch, signed_in: SignedIn, charlie: User) -> None:
    names = (*POSTED, *SHOWN, *OF_PHOTOS)
    assert statuses(signed_in(charlie), names, batch) == dict.fromkeys(names, 404)


def test_an_operator_has_no_other_way_in_than_the_admin(batch: Batch, signed_in: SignedIn, olga: User) -> None:
    names = (*POSTED, *SHOWN)
    assert statuses(signed_in(olga), names, batch) == dict.fromkeys(names, 404)


def test_a_script_without_a_session_gets_401(batch: Batch, client: Client) -> None:
    answers = {name: ask(client, name, batch) for name in FETCHED_BY_SCRIPTS}
    found = {name: (answer.status_code, answer.json()["error"]) for name, answer in answers.items()}
    assert found == dict.fromkeys(FETCHED_BY_SCRIPTS, (401, "signed_out"))


def test_a_visitor_is_sent_to_the_door(batch: Batch, client: Client) -> None:
    door = reverse("account_login")
    expected = {name: f"{door}?next={address(name, batch)}" for name in OPENED}
    assert {name: ask(client, name, batch).url for name in OPENED} == expected


def test_whose_session_has_ended_signs_in_and_is_back_at_the_button(batch: Batch, client: Client) -> None:
    page = address("detail", batch)
    headers = {"referer": f"http://testserver{page}"}
    leads_to = {name: client.post(address(name, batch), headers=headers).url for name in PRESSED}
    assert leads_to == dict.fromkeys(PRESSED, f"{reverse('account_login')}?next={page}")


def test_a_script_that_presses_a_button_without_a_session_gets_401(batch: Batch, client: Client) -> None:
    headers = {"accept": "application/json"}
    found = {name: client.post(address(name, batch), headers=headers).status_code for name in PRESSED}
    assert found == dict.fromkeys(PRESSED, 401)
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


def test_a_verb_is_not_done_by_a_link(batch: Batch, signed_in: SignedIn, alice: User) -> None:
    browser = signed_in(alice)
    found = {name: browser.get(address(name, batch)).status_code for name in PRESSED}
    assert found == dict.fromkeys(PRESSED, 405)


def test_a_verb_needs_the_sites_own_form(batch: Batch, alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert statuses(browser, POSTED, batch) == dict.fromkeys(POSTED, 403)


def test_a_deleted_batch_is_gone_for_its_owner_too(batch: Batch, signed_in: SignedIn, alice: User) -> None:
    client, names = signed_in(alice), (*POSTED, *SHOWN)
    client.post(address("delete", batch))
    assert statuses(client, names, batch) == dict.fromkeys(names, 404)


def test_a_position_that_is_not_in_the_list_gets_404(batch: Batch, signed_in: SignedIn, alice: User) -> None:
    client = signed_in(alice)
    asked = [(name, position) for name in OF_ONE_PROMPT for position in (0, 4, 2**31, 2**63, 10**30)]
    found = {each: client.get(reverse(f"batches:{each[0]}", args=[batch.pk, each[1]])).status_code for each in asked}
    assert found == dict.fromkeys(asked, 404)


def test_the_list_shows_ones_own_batches_only(
    batch: Batch, signed_in: SignedIn, charlie: User, make_batch: MakeBatch
) -> None:
    own = make_batch(charlie)
    assert list(signed_in(charlie).get(reverse("batches:list")).context["page"]) == [own]


def test_a_strangers_cancel_changes_nothing(batch: Batch, signed_in: SignedIn, charlie: User) -> None:
    ask(signed_in(charlie), "cancel", batch)
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.RUNNING
