"""Stripe's form encoding: `items[0][price]=…&metadata[user]=…` becomes nested dicts of strings."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid

STEP = re.compile(r"[^\[\]]+|\[\]")
MAX_FIELDS = 2_000


def decoded(encoded: str) -> dict[str, Any]:
    """The nested form; lists come as dicts with the keys "0", "1"…, which the contract turns into lists."""
    root: dict[str, Any] = {}
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise invalid("Invalid request: the body is not form-encoded.") from None
    for key, value in pairs:
        _put(root, key, STEP.findall(key), value)
    return root


def _put(root: dict[str, Any], key: str, steps: list[str], value: str) -> None:
    if not steps:
        raise invalid("Invalid parameter name.", key)
    branch = root
    for step in steps[:-1]:
        branch = branch.setdefault(_named(branch, step), {})
        if not isinstance(branch, dict):
            raise invalid(f"Invalid object: {key} is given both as a value and as an object.", key)
    branch[_named(branch, steps[-1])] = value


def _named(branch: dict[str, Any], step: str) -> str:
    return str(len(branch)) if step == "[]" else step
