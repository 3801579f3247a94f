"""The email with an invoice that Stripe sends: here it goes to the folder that /mail/ shows."""

from datetime import UTC, datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from sandbox import environment
from sandbox.stripe.money import written
from sandbox.stripe.store import Obj

SENDER = "Stripe (sandbox) <invoices@stripe.example>"


def send_email(invoice: Obj) -> None:
    amount = written(invoice["amount_due"], invoice["currency"])
    lines = [f"{line['description']}: {written(line['amount'], line['currency'])}" for line in invoice["lines"]["data"]]
    due = f"Due on {datetime.fromtimestamp(invoice['due_date'], UTC):%d %B %Y}" if invoice["due_date"] else "Due now"
    parts = [f"Invoice {invoice['number']}", "\n".join(lines), f"Amount due: {amount}. {due}."]
    link = f"View and pay this invoice:\n{invoice['hosted_invoice_url']}"
    body = "\n\n".join([*parts, link, "SANDBOX: no real payment."])
    subject = f"Invoice {invoice['number']}: {amount}"
    backend = EmailBackend(file_path=str(environment.mail_dir()))
    EmailMessage(subject, body, SENDER, [invoice["customer_email"]], connection=backend).send()
