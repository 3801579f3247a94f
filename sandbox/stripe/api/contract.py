"""Checks requests against the typed parameters of the official SDK, and turns the form's strings into their types.

The SDK's `stripe.params` are generated from Stripe's own specification, so what they do not allow, Stripe refuses.
"""

import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

# Names that the SDK imports for type checkers only.
NAMES_FOR_CHECKERS = {"Mapping": Mapping, "StripeContext": object, "Decimal": Decimal}
NOT_ON_THE_WIRE = frozenset(RequestOptions.__annotations__)
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request, in Stripe's words; `param` is named as in `items[0][price]`."""

    param: str
    message: str
    code: str | None = None


@dataclass
class Check:
    """Checks the parameters of one request and collects the `problems`."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, param: str, message: str, code: str | None = None) -> None:
        self.problems.append(Problem(param, message, code))

    def value(self, hint: Any, raw: Any, param: str) -> Any:
        """The raw value in its type; if that is impossible, a problem is added."""
        origin = get_origin(hint)
        if origin in (typing_extensions.NotRequired, typing_extensions.Required):
            return self.value(get_args(hint)[0], raw, param)
        if typing_extensions.is_typeddict(hint):
            return self.fields(hint, raw, param)
        if origin in (Union, types.UnionType):
            return self._one_of(get_args(hint), raw, param)
        if origin is Literal:
            return self._choice(get_args(hint), raw, param)
        if origin is list:
            return self._list(get_args(hint)[0], raw, param)
        if origin is dict:
            return self._dict(get_args(hint)[1], raw, param)
        return self._plain(hint, raw, param)

    def fields(self, hint: Any, raw: Any, param: str = "") -> dict[str, Any]:
        """The fields of an object whose type is a TypedDict."""
        if not isinstance(raw, dict):
            self.refuse(param, "Invalid object", "parameter_invalid_empty" if raw == "" else None)
            return {}
        hints = fields_of(hint)
        for name, each in hints.items():
            if name not in raw and get_origin(each) is not typing_extensions.NotRequired:
                self.refuse(
                    _inside(param, name), f"Missing required param: {_inside(param, name)}.", "parameter_missing"
                )
        typed = {}
        for name, each in raw.items():
            if name in hints:
                typed[name] = self.value(hints[name], each, _inside(param, name))
            else:
                path = _inside(param, name)
                self.refuse(path, f"Received unknown parameter: {path}", "parameter_unknown")
        return typed

    def _one_of(self, hints: tuple[Any, ...], raw: Any, param: str) -> Any:
        choices = tuple(value for hint in hints if get_origin(hint) is Literal for value in get_args(hint))
        if isinstance(raw, str) and raw in choices:
            return raw
        others = [hint for hint in hints if get_origin(hint) is not Literal and not _is_untyped(hint)]
        # The SDK writes enumerations as `Literal[…] | str`, to survive new values; today's are what Stripe takes.
        if any(choices):
            others = [hint for hint in others if hint is not str]
        if not others:
            return self._choice(choices, raw, param)
        attempts = []
        for hint in others:
            attempt = Check()
            typed = attempt.value(hint, raw, param)
            attempts.append((len(attempt.problems), attempt.problems, typed))
            if not attempt.problems:
                return typed
        _, problems, typed = min(attempts, key=lambda attempt: attempt[0])
        self.problems += problems
        return typed

    def _choice(self, choices: tuple[Any, ...], raw: Any, param: str) -> Any:
        typed = BOOLEANS.get(raw, raw) if isinstance(raw, str) and True in choices else raw
        if typed not in choices:
            names = ", ".join(str(choice) for choice in choices if choice != "")
            self.refuse(param, f"Invalid {param}: must be one of {names}")
        return typed

    def _list(self, hint: Any, raw: Any, param: str) -> list[Any]:
        if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
            self.refuse(param, "Invalid array")
            return []
        ordered = sorted(raw.items(), key=lambda pair: int(pair[0]))
        return [self.value(hint, each, f"{param}[{key}]") for key, each in ordered]

    def _dict(self, hint: Any, raw: Any, param: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            self.refuse(param, "Invalid hash")
            return {}
        return {key: self.value(hint, each, _inside(param, key)) for key, each in raw.items()}

    def _plain(self, hint: Any, raw: Any, param: str) -> Any:
        if not isinstance(raw, str):
            self.refuse(param, f"Invalid {getattr(hint, '__name__', 'value')}: {param} is an object")
            return None
        if hint is bool:
            if raw not in BOOLEANS:
                self.refuse(param, f"Invalid boolean: {raw}")
            return BOOLEANS.get(raw)
        if hint in (int, float, Decimal):
            return self._number(hint, raw, param)
        return raw

    def _number(self, hint: Any, raw: str, param: str) -> Any:
        try:
            return int(raw) if hint is int else raw if hint is Decimal and Decimal(raw).is_finite() else float(raw)
        except (ValueError, InvalidOperation):
            kind = "integer" if hint is int else "decimal"
            self.refuse(param, f"Invalid {kind}: {raw}", f"parameter_invalid_{'integer' if hint is int else 'string'}")
            return None


def params_type(name: str) -> Any:
    """A type of `stripe.params` by its name, such as "checkout.SessionCreateParams"."""
    package, _, plain = name.rpartition(".")
    return getattr(import_module(".".join(filter(None, ("stripe.params", package)))), plain)


@cache
def fields_of(hint: Any) -> dict[str, Any]:
    """The fields of a TypedDict that go over the wire, with their types."""
    names = {**vars(sys.modules[hint.__module__]), **NAMES_FOR_CHECKERS}
    hints = typing_extensions.get_type_hints(hint, globalns=names, include_extras=True)
    on_the_wire = issubclass_of_options(hint)
    return {name: each for name, each in hints.items() if not (on_the_wire and name in NOT_ON_THE_WIRE)}


def issubclass_of_options(hint: Any) -> bool:
    """Whether a type is a request's outermost one, which also carries the SDK's own options."""
    return NOT_ON_THE_WIRE.issubset(hint.__optional_keys__)


def _is_untyped(hint: Any) -> bool:
    return (get_origin(hint) or hint) is UntypedStripeObject


def _inside(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name
