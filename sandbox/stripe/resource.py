"""What all families of Stripe's objects share: create, find, change with an event, list in pages."""

from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import invalid, no_such
from .store import Obj, Store, new_id

if TYPE_CHECKING:
    from .stand_in import StandIn

DEFAULT_PAGE, LARGEST_PAGE = 10, 100
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_LENGTH = 50, 40, 500


class Resource:
    """One family of objects: `kind` is their `object` field, `prefix` begins their ids, `filters` narrow lists."""

    kind: ClassVar[str]
    prefix: ClassVar[str]
    filters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, stripe: "StandIn") -> None:
        self.stripe = stripe

    @property
    def store(self) -> Store:
        return self.stripe.store

    @property
    def now(self) -> int:
        return self.stripe.clock.now()

    def add(self, **fields: Any) -> Obj:
        """Store a new object with Stripe's common fields and these."""
        common = {
            "id": new_id(self.prefix),
            "object": self.kind,
            "created": self.now,
            "livemode": False,
            "metadata": {},
        }
        return self.store.add({**common, **fields})

    def emit(self, verb: str, obj: Obj, previous: Obj | None = None) -> None:
        """Send the event `kind.verb` about an object."""
        self.stripe.events.emit(f"{self.kind}.{verb}", obj, previous)

    def get(self, object_id: str, param: str = "id") -> Obj:
        """The object itself; `resource_missing` if there is none or it is deleted."""
        found = self.store.find(self.kind, object_id)
        if found is None or (found.get("deleted") and param != "id"):
            raise no_such(self.kind.rpartition(".")[2], object_id, param)
        return found

    def all(self) -> list[Obj]:
        """Every object that is not deleted, oldest first."""
        return [obj for obj in self.store.tables[self.kind].values() if not obj.get("deleted")]

    def change(self, obj: Obj, **changes: Any) -> Obj:
        """Set fields. Returns their old values, as an event's `previous_attributes`."""
        previous = {name: deepcopy(obj.get(name)) for name, value in changes.items() if obj.get(name) != value}
        obj.update(changes)
        return previous

    def retrieve(self, params: Obj, object_id: str) -> Obj:
        return self.get(object_id)

    def update(self, params: Obj, object_id: str) -> Obj:
        """Change the fields in a request; "" empties a field, and metadata is merged."""
        obj = self.get(object_id)
        previous = self.change(obj, **self.merged(obj, params))
        if previous:
            self.emit("updated", obj, previous)
        return obj

    def merged(self, obj: Obj, params: Obj) -> Obj:
        """The fields of a request as they are after it."""
        changes: Obj = {}
        for name, value in params.items():
            if name == "expand":
                continue
            if name == "metadata":
                changes[name] = metadata(value, obj["metadata"])
            elif isinstance(value, dict) and isinstance(obj.get(name), dict):
                changes[name] = {**obj[name], **{key: each or None for key, each in value.items()}}
            else:
                changes[name] = None if value == "" else value
        return changes

    def list(self, params: Obj) -> Obj:
        """Answer a page of objects, newest first."""
        newest_first = list(reversed(self.all()))
        newest_first.sort(key=lambda obj: -obj.get("created", 0))
        return page([obj for obj in newest_first if self.matches(obj, params)], params, self.url)

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Whether a list narrowed by these parameters holds the object."""
        wanted = [(name, params[name]) for name in self.filters if name in params]
        return all(obj.get(name) == value for name, value in wanted) and _within(obj, params.get("created"))

    @property
    def url(self) -> str:
        return f"/v1/{self.kind.replace('.', '/')}s"


def _within(obj: Obj, limits: Any) -> bool:
    if limits is None:
        return True
    created = obj["created"]
    if isinstance(limits, int):
        return bool(created == limits)
    return bool(
        limits.get("gte", created) <= created <= limits.get("lte", created)
        and limits.get("gt", created - 1) < created < limits.get("lt", created + 1)
    )


def page(objects: list[Obj], params: Obj, url: str) -> Obj:
    """One page of objects that are already in order: `limit`, `starting_after` and `ending_before` choose it."""
    limit = params.get("limit", DEFAULT_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise invalid("Invalid integer: limit must be between 1 and 100", "limit")
    ids = [obj["id"] for obj in objects]
    if after := params.get("starting_after"):
        start = _position(ids, after, "starting_after") + 1
    elif before := params.get("ending_before"):
        start = max(0, _position(ids, before, "ending_before") - limit)
    else:
        start = 0
    return listed(objects[start : start + limit], url, has_more=start + limit < len(objects))


def _position(ids: list[str], object_id: str, param: str) -> int:
    if object_id not in ids:
        raise no_such("object", object_id, param)
    return ids.index(object_id)


def listed(objects: list[Obj], url: str, *, has_more: bool = False) -> Obj:
    return {"object": "list", "data": objects, "has_more": has_more, "url": url}


def metadata(given: Any, present: Obj | None = None) -> Obj:
    """Metadata after a request: "" for a key removes it, "" for all removes all."""
    if given == "":
        return {}
    merged = {key: value for key, value in {**(present or {}), **(given or {})}.items() if value != ""}
    if len(merged) > METADATA_KEYS:
        raise invalid(f"Metadata can have at most {METADATA_KEYS} keys.", "metadata")
    for key, value in merged.items():
        if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_LENGTH:
            raise invalid("Metadata keys can have up to 40 characters, values up to 500.", f"metadata[{key}]")
    return merged
