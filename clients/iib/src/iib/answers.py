"""What the site answers, as typed values; an answer of another shape is the server's failure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from iib.failures import ServerFailure

#: The batch goes on by itself or when its owner says so; the others have come to their end.
CLOSED = frozenset({"finished", "cancelled"})
_OPEN_IMAGE = frozenset({"waiting", "generating"})
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bill:
    """What a list costs and how its files will be named, before anything is stored.

    `refusal` is why it could not be started now, though there were credits enough; empty when it could.
    """

    total: int
    credits_needed: int
    credits_left: int
    names: list[str]
    seconds: float
    refusal: str = ""


@dataclass(frozen=True)
class Image:
    """One image of a batch; `name` is its final file name, `sha256` is that of the bytes on the server."""

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

    @property
    def is_open(self) -> bool:
        """Return whether it may still become ready."""
        return self.status in _OPEN_IMAGE


@dataclass(frozen=True)
class Batch:
    """How far a batch is."""

    id: str
    title: str
    status: str
    images: list[Image]

    @property
    def total(self) -> int:
        """Return how many images were asked for."""
        return len(self.images)

    @property
    def is_over(self) -> bool:
        """Return whether nothing will change any more: of a cancelled batch the image in flight still arrives."""
        return self.status in CLOSED and not any(image.status == "generating" for image in self.images)

    def count(self, *statuses: str) -> int:
        """Return how many images are in one of these statuses."""
        return sum(image.status in statuses for image in self.images)


def read(shape: Callable[[Mapping[str, Any]], Answer], answer: Any) -> Answer:
    """Return the answer in that shape; `ServerFailure` when it has another."""
    try:
        return shape(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ServerFailure(f"The site's answer is not what was expected ({type(fault).__name__}: {fault}).") from fault


def bill(answer: Mapping[str, Any]) -> Bill:
    """Return the bill in the answer to a dry run."""
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
    """Return the batch in the answer to a poll."""
    images = [_image(image) for image in answer["images"]]
    return Batch(str(answer["id"]), str(answer["title"]), str(answer["status"]), images)


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
    )
