"""Videos on the form and through the API: their length, their price and what their model takes."""

import csv
import io
from typing import Any

import pytest

from accounts.keys import api_keys
from accounts.models import User
from batches.models import Batch, ImageModel
from batches.predictions.tests.conftest import MakeVideos, run
from batches.presets import saving
from batches.review.forms import VersionForm
from batches.tests.api.conftest import Program, program_with
from tests.cast import SignedIn, give_credits
from tests.upstream import Upstream

VEO = "google/veo-3.1-fast"
pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("video_model", "image_model")]


@pytest.fixture
def post(alice: User, signed_in: SignedIn) -> Any:
    """Return what sends the form of a new batch, and returns its batch or None."""
    give_credits(alice, 1000)

    def poster(**choices: str) -> Batch | None:
        choice = {"prompts": "a fox", "model": VEO, "quality": "low", "format": "png", "ratio": "16:9", **choices}
        signed_in(alice).post("/batches/new/", choice)
        return Batch.objects.filter(user=alice).first()

    return poster


@pytest.fixture
def program(alice: User) -> Program:
    """Return what calls the API with a key of Alice's."""
    give_credits(alice, 1000)
    _, key = api_keys.create(alice, "for a test")

    return program_with(key)


@pytest.mark.parametrize(("seconds", "credits"), [("6", 96), ("", 64)])
def test_the_form_makes_videos_of_the_chosen_length(post: Any, seconds: str, credits: int) -> None:
    prompt = post(seconds=seconds).prompts.get()
    assert (prompt.format, prompt.seconds, prompt.credits) == ("mp4", credits // 16, credits)
    assert prompt.file_name.endswith(".mp4")


@pytest.mark.parametrize("choices", [{"ratio": "1:1"}, {"seconds": "5"}, {"seconds": "x"}, {"quality": "high"}])
def test_what_the_model_does_not_have_is_refused(post: Any, choices: dict[str, str]) -> None:
    assert post(**choices) is None


def test_an_image_has_no_length(post: Any, image_model: ImageModel) -> None:
    prompt = post(model=image_model.code, seconds="6").prompts.get()
    assert (prompt.format, prompt.seconds, prompt.credits) == ("png", None, 1)


def test_without_a_token_and_a_sandbox_no_model_of_replicate_is_on_offer(settings: Any) -> None:
    settings.REPLICATE_SANDBOX = False
    assert not ImageModel.objects.on_offer().filter(provider="replicate").exists()
    settings.REPLICATE_API_TOKEN = "r8_of_a_test"
    assert ImageModel.objects.on_offer().filter(code=VEO).exists()


def test_a_program_makes_videos_beside_images(program: Program, upstream: Upstream, image_model: ImageModel) -> None:
    rows = [{"prompt": "a fox", "model": VEO, "ratio": "9:16", "seconds": 6}, "a cat"]
    answer = program("POST", "/batches", {"prompts": rows, "model": image_model.code})
    assert (answer.status_code, answer.json()["credits"]["needed"]) == (201, 97)
    batch = run(Batch.objects.get())
    images = program("GET", f"/batches/{batch.pk}").json()["images"]
    assert [(each["kind"], each["status"]) for each in images] == [("video", "ready"), ("image", "ready")]
    assert [each["seconds"] for each in images] == [6, None]
    film = program("GET", f"/batches/{batch.pk}/images/1")
    assert (film["Content-Type"], film.getvalue()[4:8]) == ("video/mp4", b"ftyp")


def test_rows_with_another_length_are_refused(program: Program) -> None:
    answer = program(
        "POST", "/batches", {"prompts": [{"prompt": "a fox", "seconds": 5}], "model": VEO, "ratio": "16:9"}
    )
    assert [error["code"] for error in answer.json()["errors"]] == ["unknown_seconds"]


def test_the_models_say_what_they_make(program: Program) -> None:
    [veo] = [model for model in program("GET", "/models").json()["models"] if model["code"] == VEO]
    assert (veo["makes"], veo["formats"], veo["ratios"], veo["seconds"], veo["sizes"]) == (
        "video", ["mp4"], ["16:9", "9:16"], [4, 6, 8], {},
    )  # fmt: skip


def test_the_manifest_has_the_length_of_videos(post: Any, alice: User, signed_in: SignedIn) -> None:
    batch = post(seconds="6")
    manifest = b"".join(signed_in(alice).get(f"{batch.get_absolute_url()}manifest.csv")).decode()
    [row] = csv.DictReader(io.StringIO(manifest.removeprefix("\ufeff")))
    assert row["seconds"] == "6"


def test_a_preset_has_the_length_of_its_videos(post: Any, alice: User, signed_in: SignedIn) -> None:
    preset = saving.save_batch(alice, "Films", post(seconds="6"))
    page = signed_in(alice).get(preset.get_absolute_url())
    assert page.context["form"].marked["seconds"] == "6"
    assert "1 video · 6 s" in " ".join(signed_in(alice).get("/batches/presets/").content.decode().split())


def test_the_price_of_another_version_is_that_of_all_its_seconds(
    post: Any, alice: User, signed_in: SignedIn, upstream: Upstream
) -> None:
    batch = run(post(seconds="6"))
    page = signed_in(alice).get(f"{batch.get_absolute_url()}images/1/again/")
    assert page.context["form"].fields["quality"].choices == [("low", "Low · 96 credits")]


def test_the_page_of_a_batch_plays_videos_and_no_other_page_does(
    post: Any, alice: User, signed_in: SignedIn, upstream: Upstream
) -> None:
    batch = run(post())
    page = signed_in(alice).get(batch.get_absolute_url())
    assert "media-src 'self' blob:" in page["Content-Security-Policy"]
    assert "1 video is ready." in page.content.decode()
    assert "media-src" not in signed_in(alice).get("/batches/")["Content-Security-Policy"]


def test_a_further_version_of_a_video_is_priced_by_its_length(make_videos: MakeVideos) -> None:
    form = VersionForm(None, make_videos(seconds=6).prompts.get())
    assert dict(form.fields["quality"].choices)["low"] == "Low · 96 credits"
