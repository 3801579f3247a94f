"""Send the messages in the outbox to customers' servers, and retry them.

Several workers can do this at the same time: each claims a delivery with compare-and-set, and renews the claim during
the attempt. If a worker dies after the response, but before it is recorded, the message is sent twice, with the same
`webhook-id`.
"""

import random
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import emails
from batches.choices import DeliveryStatus, DisabledReason, WebhookEvent
from batches.clients.webhooks import Answer, address_error, post
from batches.models import WebhookDelivery, WebhookEndpoint
from batches.models.outbox import body_of
from batches.webhooks.messages import webhook_sentence
from lib.standard_webhooks import signed_headers

#: Delays after failed attempts, about a day in total. Then the delivery fails.
RETRY_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 6 * 3600, 10 * 3600)
#: An endpoint is disabled after failing for this long.
FAILING_TOO_LONG = timedelta(days=3)
#: Older deliveries are deleted.
RETENTION = timedelta(days=30)
#: Concurrent attempts in a worker. The limit per customer stops slow servers from delaying other customers' messages.
IN_FLIGHT = 16
IN_FLIGHT_PER_CUSTOMER = 4
_GONE = 410


class Sender:
    """One worker's attempts. Threads send the requests; only the caller's thread uses the database."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="webhooks")
        self._in_flight: dict[Future[Answer], WebhookDelivery] = {}
        self._renewed_at = time.monotonic()

    def run(self) -> int:
        """Make all attempts that are due, also those that become due meanwhile; return how many."""
        count = 0
        while self._begin_due() or self._in_flight:
            done, _ = wait(self._in_flight, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                book(self._in_flight.pop(future), future.result())
                count += 1
            self._renew_claims()
        return count

    def _begin_due(self) -> bool:
        """Start as many due deliveries as the limits allow; return False if none was started."""
        now = timezone.now()
        if not self._in_flight and not WebhookDelivery.objects.due(now).exists():
            return False
        busy = Counter(delivery.user_id for delivery in self._in_flight.values())
        full = [user_id for user_id, count in busy.items() if count >= IN_FLIGHT_PER_CUSTOMER]
        due = WebhookDelivery.objects.due(now).exclude(user__in=full).select_related("endpoint")
        began = False
        for delivery in due[: IN_FLIGHT - len(self._in_flight)]:
            if busy[delivery.user_id] < IN_FLIGHT_PER_CUSTOMER and delivery.claim(_claimed_until()):
                busy[delivery.user_id] += 1
                message = (delivery.target, delivery.message_id, delivery.body, delivery.signing.valid_secrets)
                self._in_flight[self._pool.submit(_attempt, *message)] = delivery
                began = True
        return began

    def _renew_claims(self) -> None:
        if self._in_flight and time.monotonic() - self._renewed_at > settings.LEASE_RENEWAL_SECONDS:
            mine = WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in self._in_flight.values()])
            mine.filter(status=DeliveryStatus.PENDING).update(next_attempt_at=_claimed_until())
            self._renewed_at = time.monotonic()


def _claimed_until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _attempt(url: str, message_id: str, body: str, secrets: list[str]) -> Answer:
    if not secrets:
        return Answer(seconds=0, error="no_secret")
    return post(url, body, signed_headers(message_id, body, secrets, timezone.now()))


@transaction.atomic
def book(delivery: WebhookDelivery, answer: Answer) -> None:
    status, next_attempt_at = _verdict(delivery, answer)
    settled = delivery.settle(
        status,
        next_attempt_at,
        url=delivery.target,
        response_status=answer.status,
        response_excerpt=answer.excerpt,
        error=answer.error,
        duration_seconds=round(answer.seconds, 3),
    )
    if settled and delivery.endpoint:
        _judge(delivery.endpoint, answer)


def _verdict(delivery: WebhookDelivery, answer: Answer) -> tuple[DeliveryStatus, datetime | None]:
    if answer.is_accepted:
        return DeliveryStatus.DELIVERED, None
    if answer.status == _GONE or delivery.attempt_count > len(RETRY_SECONDS):
        return DeliveryStatus.FAILED, None
    # Only shorten the delay, so that the last attempt is within the day that the docs promise.
    delay = RETRY_SECONDS[delivery.attempt_count - 1] * random.uniform(0.8, 1)
    return DeliveryStatus.PENDING, timezone.now() + timedelta(seconds=delay)


def _judge(endpoint: WebhookEndpoint, answer: Answer) -> None:
    # Compared in the database: other messages may have been accepted or refused since `endpoint` was read.
    now, same = timezone.now(), WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if answer.is_accepted:
        same.exclude(failing_since=None).update(failing_since=None)
    elif answer.status == _GONE:
        _give_up(endpoint, DisabledReason.GONE)
    elif same.filter(failing_since__lt=now - FAILING_TOO_LONG).exists():
        _give_up(endpoint, DisabledReason.FAILING)
    else:
        same.filter(failing_since=None).update(failing_since=now)


def _give_up(endpoint: WebhookEndpoint, reason: DisabledReason) -> None:
    if disable(endpoint, reason):
        url = settings.SITE_URL + reverse("webhooks:endpoint", args=[endpoint.pk])
        emails.send(endpoint.user, "batches/email/webhook_disabled", endpoint=endpoint, endpoint_url=url)


@transaction.atomic
def disable(endpoint: WebhookEndpoint, reason: DisabledReason) -> bool:
    """Disable an endpoint and fail its pending deliveries; return False if it was already disabled."""
    if not endpoint.disable(reason):
        return False
    pending = endpoint.deliveries.filter(status=DeliveryStatus.PENDING)
    pending.update(status=DeliveryStatus.FAILED, next_attempt_at=None, error="switched_off")
    return True


def check_address(url: str) -> None:
    """Raise `ValidationError`, with the reason as its code, if we don't send messages to this URL."""
    if code := address_error(url):
        raise ValidationError(webhook_sentence(code), code=code)


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    body = body_of(WebhookEvent.TEST, {"id": endpoint.pk})
    return WebhookDelivery.objects.create(
        user_id=endpoint.user_id, endpoint=endpoint, url=endpoint.url, event=WebhookEvent.TEST, body=body
    )


def purge() -> int:
    count, _ = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
    return count
