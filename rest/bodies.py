"""The base of the schemas of JSON bodies."""

from typing import Any

from ninja import Schema
from pydantic import ValidationInfo, field_validator


class Body(Schema):
    """A body in which null stands for the default of an optional field, as many programs send it."""

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_default(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        return field.default if value is None and not field.is_required() else value
