"""Programs of the cast: what calls the API with somebody's key."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.keys import api_keys
from accounts.models import User
from batches.models import Batch, ImageModel
from tests.cast import MakeBatch, deliver_next, png
from tests.upstream import Upstream

Program = Callable[..., HttpResponse]
MakeProgram = Callable[..., Program]


def program_with(text: str) -> Program:
    """Return what sends requests with that key; a `body` that is not bytes goes as JSON."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def call(method: str, path: str, body: Any = None, content_type: str = "application/json", **headers: str) -> Any:
        options: dict[str, Any] = {}
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body)
            options = {"data": data, "content_type": content_type}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {"Authorization": f"Bearer {text}", **named}
        answer: Any = client.generic(method, f"/api/v1{path}", **options, headers=headers)
        if answer.streaming and answer.headers["Content-Type"] == "application/json":
            answer.json = partial(json.loads, answer.getvalue())
        return answer

    return call


@pytest.fixture
def program() -> MakeProgram:
    """Return what makes a program with a new key of a user."""

    def maker(user: User, *scopes: str, **terms: Any) -> Program:
        _, text = api_keys.create(user, "a program", scopes or api_keys.DEFAULT_SCOPES, **terms)
        return program_with(text)

    return maker


@pytest.fixture
def alices(program: MakeProgram, alice: User, image_model: Any) -> Program:
    """Alice's program."""
    return program(alice)


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Any:
    """Alice's batch of three prompts."""
    return make_batch(alice)


@pytest.fixture
def ready(batch: Batch, image_model: ImageModel) -> Batch:
    """Alice's batch, whose first image can be edited."""
    ImageModel.objects.filter(pk=image_model.pk).update(reference_credits=1)
    deliver_next(batch, png(256, 256))
    return batch


@pytest.fixture
def moderated(settings: Any, upstream: Upstream) -> Upstream:
    """Photos are checked by the sandbox."""
    settings.OPENAI_MODERATION_MODEL = "omni-moderation-latest"
    return upstream
