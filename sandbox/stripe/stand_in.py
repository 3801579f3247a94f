"""The whole stand-in: clock, objects by family, deliveries, schedule."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from sandbox.stripe.api.idempotency import Answers
from sandbox.stripe.api.request_log import RequestLog
from sandbox.stripe.api.violations import Violations
from sandbox.stripe.billing.discounts import Coupons, Discounts, PromotionCodes
from sandbox.stripe.billing.invoice_items import InvoiceItems
from sandbox.stripe.billing.invoice_payments import InvoicePayments
from sandbox.stripe.billing.invoices import Invoices
from sandbox.stripe.billing.schedules import SubscriptionSchedules
from sandbox.stripe.billing.subscription_items import SubscriptionItems
from sandbox.stripe.billing.subscriptions import Subscriptions
from sandbox.stripe.billing.trials import Trials
from sandbox.stripe.events.deliveries import Deliveries
from sandbox.stripe.events.events import Events, WebhookEndpoints
from sandbox.stripe.hosted.checkout_sessions import CheckoutSessions
from sandbox.stripe.hosted.portal_sessions import PortalConfigurations, PortalSessions
from sandbox.stripe.payments.charges import Charges
from sandbox.stripe.payments.disputes import Disputes
from sandbox.stripe.payments.payment_intents import PaymentIntents
from sandbox.stripe.payments.payment_methods import PaymentMethods
from sandbox.stripe.payments.refunds import Refunds

from .behaviour import Behaviour
from .catalogue import Prices, Products
from .clock import DAY_SECONDS, Clock, months_later
from .customer_clocks import CustomerClocks
from .customers import Accounts, Customers
from .store import Obj, Store

# A renewal's invoice is finalised an hour after the period ends. "A month later" is after that, so that it is paid.
AFTER_FINALIZING_SECONDS = 3600 + 300


class StandIn:
    """One Stripe account. Hold `store.lock` around anything that reads or changes it."""

    def __init__(self) -> None:
        self.store = Store()
        self.clock = Clock()
        self.behaviour = Behaviour()
        self.violations = Violations()
        self.answers = Answers()
        self.requests = RequestLog()
        self.deliveries = Deliveries(self)
        self.base_url = "http://127.0.0.1:8001"
        # Of the request that is being answered, for the events that it causes.
        self.request_id: str | None = None
        self.idempotency_key: str | None = None
        self.changed_at = 0.0
        self._make_families()

    def _make_families(self) -> None:
        self.accounts = Accounts(self)
        self.charges = Charges(self)
        self.checkout_sessions = CheckoutSessions(self)
        self.coupons = Coupons(self)
        self.customers = Customers(self)
        self.discounts = Discounts(self)
        self.disputes = Disputes(self)
        self.events = Events(self)
        self.invoice_items = InvoiceItems(self)
        self.invoice_payments = InvoicePayments(self)
        self.invoices = Invoices(self)
        self.payment_intents = PaymentIntents(self)
        self.payment_methods = PaymentMethods(self)
        self.portal_configurations = PortalConfigurations(self)
        self.portal_sessions = PortalSessions(self)
        self.prices = Prices(self)
        self.products = Products(self)
        self.promotion_codes = PromotionCodes(self)
        self.refunds = Refunds(self)
        self.subscription_items = SubscriptionItems(self)
        self.subscription_schedules = SubscriptionSchedules(self)
        self.subscriptions = Subscriptions(self)
        self.test_clocks = CustomerClocks(self)
        self.trials = Trials(self)
        self.webhook_endpoints = WebhookEndpoints(self)

    def reset(self) -> None:
        """Delete everything and set the clock to the real time."""
        with self.store.lock:
            self.store.clear()
            self.clock = Clock()
            self.behaviour = Behaviour()
            self.violations.clear()
            self.answers.clear()
            self.requests.clear()
            self.deliveries.reset()

    def behave(self, **changes: Any) -> Behaviour:
        self.behaviour = replace(self.behaviour, **changes)
        return self.behaviour

    def take_failure(self, path: str) -> int | None:
        """The error status for this request, counted down; None if it does not fail."""
        now = self.behaviour
        if not now.fail_count or not path.startswith(now.fail_path):
            return None
        self.behaviour = replace(now, fail_count=now.fail_count - 1)
        return now.fail_status

    def moment_after(self, months: int = 0, days: float = 0, seconds: int = 0) -> int:
        """That much later; months add the hour until Stripe finalises a renewal's invoice."""
        extra = AFTER_FINALIZING_SECONDS if months else 0
        return months_later(self.clock.now(), months) + extra + seconds + round(days * DAY_SECONDS)

    def advance(self, moment: int) -> None:
        """Move the clock to a moment. What is due on the way happens at its own time."""
        while due := self.store.take_due(moment, lambda each: self.test_clocks.of(each) is None):
            due_at = due[0]
            self.do_due((max(due_at, self.clock.now()), *due[1:]))
            self.clock.move_to(due_at)
        self.clock.move_to(moment)

    def do_due(self, due: tuple[int, str, str]) -> None:
        """Do what was scheduled, at its own time. What is scheduled for an object that is gone is dropped."""
        due_at, verb, object_id = due
        if self.store.by_id(object_id) is not None:
            with self.clock.frozen_at(due_at):
                self._verbs[verb](object_id)
            self.touch()

    def catch_up(self) -> None:
        self.advance(self.clock.now())

    def touch(self) -> None:
        """Record that something changed, so that the file is written."""
        self.changed_at = time.monotonic()

    @property
    def _verbs(self) -> dict[str, Callable[[str], None]]:
        return {
            "period_end": self.subscriptions.period_ended,
            "cancel_at": self.subscriptions.cancel_due,
            "incomplete_expires": self.subscriptions.incomplete_expired,
            "finalize_invoice": self.invoices.finalizing_due,
            "retry_invoice": self.invoices.attempt_due,
            "session_expires": self.checkout_sessions.expiry_due,
            "settle": self.payment_intents.settling_due,
            "trial_will_end": self.trials.reminder_due,
            "upcoming": self.subscriptions.upcoming_due,
        }

    def dump(self) -> Obj:
        """Everything that a restart must not lose, as JSON."""
        return {
            **self.store.dump(),
            "answers": self.answers.dump(),
            "behaviour": asdict(self.behaviour),
            "skipped_seconds": self.clock.skipped_seconds,
            "waiting": self.deliveries.dump(),
        }

    def load(self, dumped: Obj) -> None:
        with self.store.lock:
            self.store.load(dumped)
            self.answers.load(dumped["answers"])
            self.behaviour = Behaviour(**dumped["behaviour"])
            self.clock.skipped_seconds = dumped["skipped_seconds"]
            self.deliveries.load(dumped["waiting"])


STRIPE = StandIn()
