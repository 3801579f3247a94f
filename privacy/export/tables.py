"""The tables in a customer's download, one JSON file each. Secrets are left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from djstripe.models import Invoice

from accounts.models import ApiKey, AuditEntry, KeyUsageDay, User
from batches.models import (
    Batch,
    BatchEvent,
    ModerationCase,
    Preset,
    Reference,
    WebhookDelivery,
    WebhookEndpoint,
    WritingUse,
)
from billing.models import CreditAccount, CreditGrant, DelayedPayment, LedgerEntry, Membership, MembershipEvent

_ROWS_AT_ONCE = 500
#: The columns of each file.
_COLUMNS = {
    "account": "email name language date_joined last_login wants_batch_mails",
    "email_addresses": "email verified primary",
    "connected_accounts": "provider uid extra_data date_joined last_login",
    "two_factor_methods": "type created_at last_used_at",
    "sessions": "ip user_agent created_at last_seen_at",
    "activity": "created_at action address ip user_agent subject note",
    # Without the operator's browser and IP address.
    "activity_of_operators": "created_at action address subject note",
    "api_keys": "name public_id scopes monthly_credit_limit created_at expires_at last_used_at revoked_at",
    "api_key_use": "key__name on requests",
    "plan": "plan_key source status period_start period_end cancel_at",
    "plan_history": "created_at from_status to_status plan_key reason",
    # Without the reason, which is for operators only.
    "plan_history_of_operators": "created_at from_status to_status plan_key",
    "credits": "balance held",
    "credit_grants": "created_at origin amount remaining expires_at note",
    "ledger": "created_at kind amount note key",
    "invoices": """
        created stripe_data__number stripe_data__status stripe_data__total stripe_data__currency
        stripe_data__hosted_invoice_url
    """,
    "payments_under_way": "product_key amount currency status changed_at",
    "batches": """
        id title status style image_model__code quality format ratio total ready_count failed_count cancelled_count
        webhook_url api_key__name created_at started_at finished_at
    """,
    "batch_history": "batch_id created_at from_status to_status reason",
    "prompts": """
        text style name file_name image_model__code quality format ratio seconds credits version verdict status
        error_code error_detail sha256 byte_count width height started_at ready_at confirmed_at
    """,
    "reviewed_prompts": "text source detail created_at decision",
    "presets": "title prompts names style image_model__code quality format ratio seconds created_at",
    "reference_photos": "id width height byte_count sha256 created_at",
    "webhooks": "url on_finished on_waiting on_image_ready created_at disabled_at",
    "webhook_messages": "message_id event url body status created_at attempted_at response_status error",
    "writing_help": "day count",
}


@dataclass(frozen=True)
class Table:
    """The columns of some rows, which are read in pieces: MariaDB's client loads a whole result into memory."""

    name: str
    rows: QuerySet[Any]
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        ordered = self.rows.order_by("pk")
        piece = list(ordered.values("pk", *self.columns)[:_ROWS_AT_ONCE])
        while piece:
            yield from ({name: row[name] for name in self.columns} for row in piece)
            piece = list(ordered.filter(pk__gt=piece[-1]["pk"]).values("pk", *self.columns)[:_ROWS_AT_ONCE])


def tables_of(user: User) -> list[Table]:
    """Return all tables but that of prompts."""
    activity, plan_history = AuditEntry.objects.of(user), MembershipEvent.objects.filter(membership__user=user)
    by_customer = Q(actor=None) | Q(actor=user)
    rows: dict[str, QuerySet[Any]] = {
        "account": User.objects.filter(pk=user.pk),
        "email_addresses": EmailAddress.objects.filter(user=user),
        "connected_accounts": SocialAccount.objects.filter(user=user),
        "two_factor_methods": Authenticator.objects.filter(user=user),
        "sessions": UserSession.objects.filter(user=user),
        "activity": activity.filter(by_customer),
        "activity_of_operators": activity.exclude(by_customer),
        "api_keys": ApiKey.objects.of(user),
        "api_key_use": KeyUsageDay.objects.filter(key__user=user),
        "plan": Membership.objects.filter(user=user),
        "plan_history": plan_history.filter(actor=None),
        "plan_history_of_operators": plan_history.exclude(actor=None),
        "credits": CreditAccount.objects.filter(user=user),
        "credit_grants": CreditGrant.objects.filter(account__user=user),
        "ledger": LedgerEntry.objects.of(user),
        "invoices": Invoice.objects.filter(customer__subscriber=user),
        "payments_under_way": DelayedPayment.objects.filter(user=user),
        "batches": Batch.objects.owned_by(user),
        "batch_history": BatchEvent.objects.filter(batch__user=user, batch__deleted_at=None, position=None),
        "reviewed_prompts": ModerationCase.objects.filter(user=user),
        "presets": Preset.objects.owned_by(user),
        "reference_photos": Reference.objects.owned_by(user),
        "webhooks": WebhookEndpoint.objects.owned_by(user),
        "webhook_messages": WebhookDelivery.objects.owned_by(user),
        "writing_help": WritingUse.objects.filter(user=user),
    }
    return [Table(name, each, tuple(_COLUMNS[name].split())) for name, each in rows.items()]


def prompts_of(user: User) -> Iterator[dict[str, Any]]:
    """Yield the prompts batch by batch, because their index is by batch."""
    columns = _COLUMNS["prompts"].split()
    for batch in _batches(user):
        for row in chain.from_iterable(batch.prompts.in_pieces(*columns)):
            yield {"batch": batch.pk, **row._asdict()}


def files_of(user: User) -> Iterator[tuple[str, str]]:
    """Yield the name in the ZIP and on the storage of each file that the server has of the customer."""
    for photo, file in Reference.objects.owned_by(user).values_list("pk", "file"):
        yield f"reference_photos/{photo}.jpg", file
    for batch in _batches(user):
        for row in chain.from_iterable(batch.prompts.on_server().in_pieces("file_name", "image")):
            yield f"images/{batch.pk}/{row.file_name}", row.image


def _batches(user: User) -> Iterator[Batch]:
    for row in Table("", Batch.objects.owned_by(user), ("id",)):
        yield Batch(pk=row["id"])
