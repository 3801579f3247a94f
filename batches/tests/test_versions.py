"""Further versions of images, and verdicts on them."""

import csv
import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.management import call_command

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus, Verdict
from batches.delivery.archive import archive
from batches.delivery.manifest import names_in_zip
from batches.lists.file_names import collision_key, version_name
from batches.models import Batch, Prompt
from batches.progress.cards import cards
from batches.review import verdicts, versions
from billing.credits import ledger
from billing.refusals import ListTooLong, NotEnoughCredits
from tests.cast import MakeBatch, deliver_next, fail_next, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(alice: User, make_batch: MakeBatch) -> Batch:
    batch = make_batch(alice, ["a cat", "a dog"])
    deliver_next(batch)
    deliver_next(batch)
    assert batch.status == BatchStatus.FINISHED
    return batch


def test_a_version_is_made_and_charged_like_any_image(alice: User, finished: Batch) -> None:
    before = ledger.account_of(alice).balance
    [version] = versions.make_again(finished, [2], alice)
    finished.refresh_from_db()
    assert (finished.status, finished.total, finished.open_count) == (BatchStatus.QUEUED, 3, 1)
    assert deliver_next(finished).pk == version.pk
    assert (finished.status, finished.ready_count) == (BatchStatus.FINISHED, 3)
    assert ledger.account_of(alice).balance == before - 1


def test_a_version_has_the_choices_of_its_original_and_a_number(alice: User, finished: Batch) -> None:
    [version] = versions.make_again(finished, [2], alice)
    original = finished.prompts.get(position=2)
    assert (version.origin, version.version, version.position) == (original, 2, 3)
    assert (version.text, version.format, version.ratio) == (original.text, original.format, original.ratio)
    assert version.file_name == "2 a dog_v2.png"


def test_the_version_of_a_version_counts_on(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    third = deliver_next(finished)
    [version] = versions.make_again(finished, [third.position], alice)
    assert (version.origin.position, version.version) == (1, 3)


def test_two_versions_of_one_image_in_one_request_have_different_numbers(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    second = deliver_next(finished)
    made = versions.make_again(finished, [1, second.position], alice)
    assert [each.version for each in made] == [3, 4]
    assert len({each.file_name for each in made}) == 2


def test_another_wording_and_quality_are_taken(alice: User, finished: Batch) -> None:
    [version] = versions.make_again(finished, [1], alice, text="a red cat", quality="medium")
    assert (version.text, version.quality, version.credits) == ("a red cat", "medium", 2)
    assert finished.prompts.get(position=1).text == "a cat"


def test_the_stored_text_counts_versions(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1, 2], alice)
    finished.refresh_from_db()
    assert finished.character_count == finished.prompts.character_count()


def test_without_credits_nothing_changes(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, ["a cat"] * 5)
    for _ in range(5):
        deliver_next(batch)
    with pytest.raises(NotEnoughCredits):
        versions.make_again(batch, [1], bob)
    batch.refresh_from_db()
    assert (batch.status, batch.total, batch.prompts.count()) == (BatchStatus.FINISHED, 5, 5)


def test_a_batch_does_not_grow_without_end(alice: User, finished: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_GROWTH", 0)
    with pytest.raises(ListTooLong):
        versions.make_again(finished, [1], alice)


def test_a_quality_that_is_not_on_offer_makes_no_version(alice: User, finished: Batch) -> None:
    assert versions.make_again(finished, [1], alice, quality="absurd") == []


def test_a_retired_model_makes_no_versions(alice: User, finished: Batch) -> None:
    finished.image_model.enabled = False
    finished.image_model.save()
    assert versions.make_again(finished, [1], alice) == []


def test_what_failed_is_retried_instead(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat"])
    fail_next(batch)
    assert versions.make_again(batch, [1], alice) == []


@pytest.mark.parametrize("verb", [lifecycle.cancel, lifecycle.delete])
def test_a_cancelled_or_deleted_batch_gets_no_versions(
    alice: User, make_batch: MakeBatch, verb: Callable[[Batch, User], object]
) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    deliver_next(batch)
    verb(batch, alice)
    assert versions.make_again(batch, [1], alice) == []


def test_a_failed_version_leaves_the_ledger_right(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    assert fail_next(finished).status == PromptStatus.FAILED
    assert finished.status == BatchStatus.FINISHED
    assert lifecycle.retry(finished, alice, even_refused=True) == 1
    deliver_next(finished)
    call_command("check_ledger")


def test_the_name_of_a_version_is_free_and_short_enough() -> None:
    assert version_name("a.png", 2, {collision_key("a.png")}) == "a_v2.png"
    assert version_name("a.png", 2, {collision_key("A_V2.png")}) == "a_v2-2.png"
    assert len(version_name("x" * 116 + ".png", 12, set())) == 120


def verdict_of(batch: Batch, position: int) -> str:
    return Prompt.objects.get(batch=batch, position=position).verdict


def test_verdicts_are_stored_and_taken_back(finished: Batch) -> None:
    verdicts.record(finished, {1: Verdict.KEEP, 2: Verdict.REJECT})
    assert (verdict_of(finished, 1), verdict_of(finished, 2)) == ("keep", "reject")
    verdicts.record(finished, {2: Verdict.UNDECIDED})
    assert verdict_of(finished, 2) == ""


def test_a_verdict_is_news_for_the_page(finished: Batch) -> None:
    seen = finished.revision
    verdicts.record(finished, {2: Verdict.KEEP})
    finished.refresh_from_db()
    assert finished.revision > seen
    assert list(finished.prompts.filter(revision__gt=seen).values_list("position", flat=True)) == [2]


def test_only_images_get_verdicts(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    verdicts.record(batch, {1: Verdict.KEEP, 10**30: Verdict.KEEP})
    assert not batch.prompts.exclude(verdict="").exists()


def test_the_newest_version_stands_in_the_zip_under_the_original_name(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    newest = deliver_next(finished)
    assert names_in_zip(finished.prompts.made()) == {newest.position: "1 a cat.png", 2: "2 a dog.png"}


@pytest.mark.parametrize(("decided", "position"), [({1: Verdict.KEEP}, 1), ({3: Verdict.REJECT}, 1), ({}, 3)])
def test_verdicts_choose_the_version_in_the_zip(
    alice: User, finished: Batch, decided: dict[int, str], position: int
) -> None:
    versions.make_again(finished, [1], alice)
    deliver_next(finished)
    verdicts.record(finished, decided)
    assert set(names_in_zip(finished.prompts.made())) == {position, 2}


def test_the_zip_has_one_version_of_each_image_in_list_order(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    deliver_next(finished, png(colour="red"))
    with zipfile.ZipFile(io.BytesIO(b"".join(archive(finished).chunks))) as file:
        assert file.namelist() == ["1 a cat.png", "2 a dog.png", "manifest.csv"]
        assert file.read("1 a cat.png") == png(colour="red")
        rows = list(csv.DictReader(io.StringIO(file.read("manifest.csv").decode("utf-8-sig"))))
    assert [(row["version"], row["file"]) for row in rows] == [("1", ""), ("1", "2 a dog.png"), ("2", "1 a cat.png")]


def test_versions_stand_behind_their_original_on_the_page(alice: User, finished: Batch) -> None:
    versions.make_again(finished, [1], alice)
    shown = [(card["position"], card["origin"], card["version"]) for card in cards(finished.prompts.all())]
    assert shown == [(1, None, 1), (3, 1, 2), (2, None, 1)]
