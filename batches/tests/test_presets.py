"""Presets: shipped ones, customers' own, and what becomes of them in the form."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.forms import BatchForm
from batches.models import Batch, ImageModel, Preset
from batches.presets import saving
from batches.review.versions import make_again
from batches.usage.totals import stored_characters
from tests.cast import MakeBatch, SignedIn, deliver_next

LIST, SAVE, NEW = reverse("batches:presets"), reverse("batches:save_preset"), reverse("batches:new")
SHIPPED = {
    "linkedin-woman": 12, "linkedin-man": 12, "linkedin-person": 12,
    "instagram-woman": 8, "instagram-man": 8, "instagram-person": 8,
    "product-photo": 6, "icon-set": 16, "storybook": 8,
}  # fmt: skip
Form = dict[str, Any]


def ship() -> None:
    """Do what the migration does."""
    import_module("batches.migrations.0016_shipped_presets").add_presets(apps, connection.schema_editor())


@pytest.fixture
def shipped(db: None, image_model: ImageModel) -> None:
    ship()


@pytest.fixture
def alices_preset(alice: User, image_model: ImageModel) -> Preset:
    return Preset.objects.create(
        owner=alice, title="Foxes", prompts="a fox\nan owl", names="fox", style="in oil",
        image_model=image_model, quality="medium", format="jpg", ratio="16:9",
    )  # fmt: skip


def test_the_site_comes_with_presets_of_these_many_images(shipped: None) -> None:
    counts = {preset.slug: preset.image_count for preset in Preset.objects.filter(owner=None)}
    assert counts == SHIPPED


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_shipped_preset_fills_a_form_that_can_be_sent(alices: Client, shipped: None, slug: str) -> None:
    preset = Preset.objects.get(slug=slug)
    preset.full_clean()
    shown = alices.get(preset.get_absolute_url()).context["form"]
    values = {name: shown[name].value() for name in shown.fields}
    form = BatchForm({**values, "model": shown.marked["model"], "quality": "low", "submission_key": ""})
    assert form.is_valid(), form.errors
    assert len(set(form.order.file_names)) == SHIPPED[slug]


def test_prompts_of_a_portrait_speak_of_the_person_in_the_photo(shipped: None) -> None:
    portraits = Preset.objects.filter(needs_reference=True)
    assert portraits
    for preset in portraits:
        person = {"woman": "woman", "man": "man"}.get(str(preset.slug).split("-")[1], "person")
        assert all(f"the {person} in the reference photo" in line for line in preset.prompts.splitlines())


def test_shipping_again_leaves_what_operators_have_changed(shipped: None) -> None:
    Preset.objects.filter(slug="icon-set").update(title="Our icons", prompts="a bell")
    ship()
    icons = Preset.objects.get(slug="icon-set")
    assert (icons.title, icons.prompts) == ("Our icons", "a bell")


def test_a_preset_is_copied_into_the_form(alices: Client, alices_preset: Preset, image_model: ImageModel) -> None:
    form = alices.get(alices_preset.get_absolute_url()).context["form"]
    names = ("title", "prompts", "names", "style", "quality", "format", "ratio", "model")
    values = [form[name].value() for name in names]
    assert values == ["Foxes", "a fox\nan owl", "fox", "in oil", "medium", "jpg", "16:9", image_model.code]


def test_a_changed_preset_changes_no_batch(alices: Client, alices_preset: Preset, form: Form) -> None:
    alices.post(NEW, {**form, "prompts": alices_preset.prompts})
    alices_preset.delete()
    assert Batch.objects.get().prompts.count() == 2


def test_a_form_says_that_a_preset_needs_a_photo(alices: Client, shipped: None) -> None:
    warning = 'href="#photos"'
    pages = {
        slug: alices.get(Preset.objects.get(slug=slug).get_absolute_url()) for slug in ("icon-set", "linkedin-man")
    }
    assert {slug: warning in page.content.decode() for slug, page in pages.items()} == {
        "icon-set": False,
        "linkedin-man": True,
    }


def test_the_form_is_saved_as_a_preset_and_shown_again(alices: Client, alice: User, form: Form) -> None:
    response = alices.post(SAVE, {**form, "preset_title": "Pets", "names": "kitty", "style": "in oil"})
    preset = Preset.objects.get(owner=alice)
    assert (preset.title, preset.prompts, preset.names, preset.style) == (
        "Pets",
        "a cat\na dog\na fox",
        "kitty",
        "in oil",
    )
    assert response.context["form"]["prompts"].value() == form["prompts"]
    assert "Preset saved." in response.content.decode()
    assert not Batch.objects.exists()


@pytest.mark.parametrize("missing", ["preset_title", "prompts"])
def test_what_cannot_be_saved_is_shown_with_its_error(alices: Client, form: Form, missing: str) -> None:
    response = alices.post(SAVE, {**form, "preset_title": "Pets", missing: ""})
    assert response.status_code == 422
    assert not Preset.objects.filter(owner__isnull=False).exists()


def test_a_batch_is_saved_as_a_preset(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a fox", "an owl", "a cat"], names=["", "owl"], style="in oil")
    alices.post(reverse("batches:save_batch_as_preset", args=[batch.pk]), {"preset_title": "Animals"})
    preset = Preset.objects.get(owner=alice)
    assert (preset.prompts, preset.names, preset.style) == ("a fox\nan owl\na cat", "\nowl", "in oil")
    form = BatchForm({**preset.form_values(), "submission_key": ""})
    assert form.is_valid()
    assert form.order.file_names == ["a fox.png", "owl.png", "a cat.png"]


def test_further_versions_of_an_image_are_not_part_of_a_preset(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    deliver_next(batch)
    make_again(batch, [1], alice)
    assert saving.save_batch(alice, "Animals", batch).image_count == 1


def test_nobody_elses_preset_can_be_used_or_deleted(bobs: Client, alices_preset: Preset) -> None:
    delete = reverse("batches:delete_preset", args=[alices_preset.pk])
    assert [bobs.get(alices_preset.get_absolute_url()).status_code, bobs.post(delete).status_code] == [404, 404]
    assert "Foxes" not in bobs.get(LIST).content.decode()
    assert Preset.objects.filter(pk=alices_preset.pk).exists()


def test_customers_delete_only_their_own(alices: Client, alices_preset: Preset, shipped: None) -> None:
    icons = Preset.objects.get(slug="icon-set")
    for preset in (alices_preset, icons):
        alices.post(reverse("batches:delete_preset", args=[preset.pk]))
    assert list(Preset.objects.filter(pk__in=[alices_preset.pk, icons.pk])) == [icons]


def test_a_preset_that_is_not_on_offer_is_not_shown(alices: Client, shipped: None) -> None:
    Preset.objects.filter(slug="icon-set").update(is_published=False)
    assert "Icon set" not in alices.get(LIST).content.decode()
    assert alices.get(Preset.objects.get(slug="icon-set").get_absolute_url()).status_code == 404


def test_titles_that_come_with_the_site_are_translated(alices: Client, alices_preset: Preset, shipped: None) -> None:
    alices_preset.title = "Icon set"
    alices_preset.save()
    page = alices.get(LIST, headers={"Accept-Language": "es"}).content.decode()
    assert "<h3>Icon set</h3>" in page
    assert "<h3>Juego de iconos</h3>" in page


def test_a_preset_counts_as_stored_text_and_is_limited(alice: User, alices: Client, form: Form) -> None:
    before = stored_characters(alice)
    alices.post(SAVE, {**form, "preset_title": "Pets", "style": "oil"})
    assert stored_characters(alice) - before == len(form["prompts"]) + len("oil")


def test_there_are_only_so_many_presets(
    alices: Client, alices_preset: Preset, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MAX_PRESETS", 1)
    page = alices.post(SAVE, {**form, "preset_title": "Pets"}).content.decode()
    assert "You have 1 presets, which is the limit." in page
    assert Preset.objects.filter(owner=alices_preset.owner).count() == 1


def test_operators_see_their_presets_only(
    signed_in: SignedIn, olga: User, alices_preset: Preset, shipped: None
) -> None:
    page = signed_in(olga).get(reverse("admin:batches_preset_changelist")).content.decode()
    assert "icon-set" in page
    assert "Foxes" not in page


def test_the_admin_refuses_a_list_that_a_batch_would_refuse(signed_in: SignedIn, olga: User, shipped: None) -> None:
    preset = Preset.objects.get(slug="icon-set")
    address = reverse("admin:batches_preset_change", args=[preset.pk])
    fields = {"title": "x", "slug": "icon-set", "menu_order": 1, "quality": "low", "format": "png", "ratio": "1:1"}
    response = signed_in(olga).post(address, {**fields, "prompts": "one", "names": "a\nb"})
    assert "You have more file names (2) than prompts (1)." in response.content.decode()


def test_the_list_of_presets_does_not_read_their_texts(alices: Client, alices_preset: Preset) -> None:
    Preset.objects.update(prompts="a fox " + "x" * 300 + "\nan owl\na cat")
    page = alices.get(LIST)
    text = " ".join(page.content.decode().split())
    assert "a fox xxx" in text
    assert "3 images" in text
    [preset] = page.context["own"]
    assert preset.get_deferred_fields() == {"prompts", "names", "style"}


def test_a_preset_of_an_operator_is_stored_with_one_prompt_per_line(db: None, image_model: ImageModel) -> None:
    preset = Preset(title="Foxes", slug="foxes", prompts="a fox\r\n\r\n an owl \r\n", image_model=image_model)
    preset.full_clean()
    assert preset.prompts == "a fox\nan owl"
