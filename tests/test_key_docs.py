"""The page about keys says what the code does."""

from accounts.keys import api_keys
from accounts.models import ApiKey
from tests.processes import ROOT

PAGE = (ROOT / "docs/keys.md").read_text()


def test_each_scope_is_documented() -> None:
    assert {scope for scope in ApiKey.Scope.values if f"`{scope}`" not in PAGE} == set()


def test_the_documented_number_of_keys_is_the_limit() -> None:
    assert f"A customer can have {api_keys.MAX_KEYS} active keys" in PAGE


def test_each_refusal_is_documented() -> None:
    assert all(f"`{refused.code}`" in PAGE for refused in (api_keys.KeyExpired, api_keys.KeyRevoked))
