"""Browsers of the cast, and the form as it is sent."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from batches.models import ImageModel
from tests.cast import SignedIn


@pytest.fixture
def alices(signed_in: SignedIn, alice: User) -> Client:
    """Alice's browser."""
    return signed_in(alice)


@pytest.fixture
def bobs(signed_in: SignedIn, bob: User) -> Client:
    """Bob's browser."""
    return signed_in(bob)


@pytest.fixture
def form(image_model: ImageModel) -> dict[str, Any]:
    """The form of a new batch, filled in with three prompts."""
    return {
        "title": "", "prompts": "a cat\na dog\na fox", "names": "", "style": "", "model": image_model.code,
        "quality": "low", "format": "png", "ratio": "1:1", "submission_key": str(uuid.uuid4()),
    }  # fmt: skip
