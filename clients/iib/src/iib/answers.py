"""Dataclasses for the site's responses. A response with another structure is a `ServerFailure`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from iib.failures import ServerFailure

CLOSED = frozenset({"finished", "cancelled"})
_OPEN_IMAGE = frozenset({"waiting", "generating"})
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bill:
    """What a list costs and what its files will be called.

    `refusal` is why it could not be started now, apart from the credits; empty if it could.
    """

    total: int
    credits_needed: int
    credits_left: int
    names: list[str]
    seconds: float
    refusal: str = ""


@dataclass(frozen=True)
class Image:
    """An image of a batch; `name` is its file name, `sha256` that of the bytes on the server."""

    position: int
    prompt: str
    name: str
    status: str
    error_code: str
    error_message: str
    credits: int
    width: int | None
    height: int | None
    sha256: str | None
    is_on_server: bool
    version: int = 1
    verdict: str = ""
    seconds: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN_IMAGE


@dataclass(frozen=True)
class Batch:
    id: str
    title: str
    status: str
    images: list[Image]

    @property
    def total(self) -> int:
        return len(self.images)

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more. After cancelling, the image in progress still arrives."""
        return self.status in CLOSED and not any(image.status == "generating" for image in self.images)

    def count(self, *statuses: str) -> int:
        return sum(image.status in statuses for image in self.images)


def read(shape: Callable[[Mapping[str, Any]], Answer], answer: Any) -> Answer:
    """Convert the response with `shape`; raises `ServerFailure` if it has another structure."""
    try:
        return shape(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ServerFailure(f"The site's answer is not what was expected ({type(fault).__name__}: {fault}).") from fault


def bill(answer: Mapping[str, Any]) -> Bill:
    """Convert the response to a dry run."""
    amounts, refusal = answer["credits"], answer["refusal"]
    return Bill(
        total=int(answer["total"]),
        credits_needed=int(amounts["needed"]),
        credits_left=int(amounts["left"]),
        names=[str(image["name"]) for image in answer["images"]],
        seconds=float(answer["seconds"]),
        refusal=str(refusal["message"]) if refusal else "",
    )


def batch(answer: Mapping[str, Any]) -> Batch:
    """Convert the response to a poll."""
    images = [_image(image) for image in answer["images"]]
    return Batch(str(answer["id"]), str(answer["title"]), str(answer["status"]), images)


def version(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the response to a further version or an edit."""
    return {name: answer[name] for name in ("position", "name", "credits")}


def change(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the response to an image that is used for the rest."""
    return {name: answer[name] for name in ("images", "credits", "style")}


def _image(answer: Mapping[str, Any]) -> Image:
    error = answer["error"] or {"code": "", "message": ""}
    return Image(
        position=int(answer["position"]),
        prompt=str(answer["prompt"]),
        name=str(answer["name"]),
        status=str(answer["status"]),
        error_code=str(error["code"]),
        error_message=str(error["message"]),
        credits=int(answer["credits"]),
        width=answer["width"],
        height=answer["height"],
        sha256=answer["sha256"],
        is_on_server=bool(answer["url"]),
        version=int(answer.get("version", 1)),
        verdict=str(answer.get("verdict", "")),
        seconds=answer.get("seconds"),
    )
