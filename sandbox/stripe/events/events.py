"""Events, and the webhook endpoints that receive them."""

from copy import deepcopy
from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id

# What dj-stripe 2.11 asks for; the webhook endpoint of an account has a version of its own.
API_VERSION = "2026-05-27.dahlia"
KEPT_EVENTS = 20_000


class Events(Resource):
    """What has happened; each event is also delivered."""

    kind, prefix, filters = "event", "evt", ("type",)

    def emit(self, verb: str, obj: Obj, previous: Obj | None = None) -> None:
        """Record an event about an object as it is now; `verb` is the full type."""
        content: Obj = {"object": deepcopy(obj)}
        if previous:
            content["previous_attributes"] = previous
        event = self.make(verb, content)
        self.stripe.deliveries.queue(event, self.stripe.webhook_endpoints.listening(verb))

    def make(self, verb: str, content: Obj, **fields: Any) -> Obj:
        """Record an event without delivering it."""
        request = {"id": self.stripe.request_id, "idempotency_key": self.stripe.idempotency_key}
        waiting = len(self.stripe.webhook_endpoints.listening(verb))
        common = {"api_version": API_VERSION, "pending_webhooks": waiting, "request": request}
        event = self.add(**{**common, **fields}, type=verb, data=content)
        del event["metadata"]
        table = self.store.tables[self.kind]
        if len(table) > KEPT_EVENTS:
            table.pop(next(iter(table)))
        return event

    def matches(self, obj: Obj, params: Obj) -> bool:
        """Also by several types, and by whether they are delivered."""
        arrived = params.get("delivery_success")
        return (
            super().matches(obj, params)
            and obj["type"] in params.get("types", [obj["type"]])
            and (arrived is None or arrived == (obj["pending_webhooks"] == 0))
        )


class WebhookEndpoints(Resource):
    kind, prefix = "webhook_endpoint", "we"

    def create(self, params: Obj) -> Obj:
        """Make an endpoint; only this answer has the signing secret."""
        secret = new_id("whsec", 32)
        endpoint = self.register(params["url"], secret, params["enabled_events"], params)
        return {**endpoint, "secret": secret}

    def register(self, url: str, secret: str, events: list[str], params: Obj | None = None) -> Obj:
        """Deliver events to a URL, signed with a secret; an endpoint with that URL is replaced."""
        if not url.startswith(("http://", "https://")):
            raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
        for known in [each for each in self.all() if each["url"] == url]:
            self.store.remove(known)
        given = params or {}
        endpoint = self.add(
            api_version=given.get("api_version") or API_VERSION,
            application=None,
            description=given.get("description"),
            enabled_events=events,
            metadata=metadata(given.get("metadata")),
            status="enabled",
            url=url,
        )
        self.store.hidden(endpoint["id"])["secret"] = secret
        return endpoint

    def update(self, params: Obj, object_id: str) -> Obj:
        """Change an endpoint; `disabled` stops its deliveries. Stripe sends no event for it."""
        endpoint = self.get(object_id)
        changes = self.merged(endpoint, params)
        if "disabled" in changes:
            changes["status"] = "disabled" if changes.pop("disabled") else "enabled"
        self.change(endpoint, **changes)
        return endpoint

    def secret_of(self, endpoint_id: str) -> str:
        return str(self.store.hidden(endpoint_id)["secret"])

    def listening(self, verb: str) -> list[Obj]:
        """The endpoints that receive events of a type."""
        enabled = [endpoint for endpoint in self.all() if endpoint["status"] == "enabled"]
        return [each for each in enabled if "*" in each["enabled_events"] or verb in each["enabled_events"]]
