"""What goes on at a site while its servers fail: a program submits, Stripe sends events, customers get messages."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from batches.tests.receiver import Receiver
from lib.standard_webhooks import new_secret
from tests.faults.trial import Trial

PROMPTS = 5
_SECRET = new_secret()


@contextmanager
def traffic(trial: Trial, submits: int, buyers: int = 3) -> Iterator[None]:
    """Let a program submit batches and buyers pay; after the block, wait until all is done and note what is wrong.

    The site learns of the payments from Stripe's events only, which are sent when the block begins.
    """
    receiver = Receiver()
    trial.act(f"listen({trial.email!r}, {receiver.url!r}, {_SECRET!r})")
    stripe = f"{trial.site.sandbox_url}/sandbox/stripe/deliveries"
    requests.post(stripe, json={"withhold": True}, timeout=30).raise_for_status()
    trial.act(f"subscribe({trial.title!r}, {buyers})")
    file = trial.site.directory / f"{trial.title}.key"
    trial.act(f"write_key({trial.email!r}, {str(file)!r})")
    program = threading.Thread(target=_submit, args=(trial, file.read_text(), submits))
    program.start()
    trial.prompt_count += submits * PROMPTS
    requests.post(stripe, json={"withhold": False}, timeout=30).raise_for_status()
    try:
        yield
        trial.wait(lambda: not program.is_alive(), "the program has not submitted all batches")
        trial.wait_until_finished()
        _check_messages(trial, receiver)
        _check_payments(trial, buyers)
    finally:
        receiver.stop()


def _submit(trial: Trial, key: str, count: int) -> None:
    """Submit each batch again, with the same key, until it is accepted, as clients do."""
    headers = {"Authorization": f"Bearer {key}"}
    for number in range(count):
        prompts = [f"{trial.title} program {number} {n}" for n in range(PROMPTS)]
        headers["Idempotency-Key"] = str(uuid.uuid4())
        status = 0
        while status != 201:
            with suppress(requests.RequestException):
                order = {"title": trial.title, "prompts": prompts}
                answer = requests.post(f"{trial.site.url}/api/v1/batches", json=order, headers=headers, timeout=30)
                status = answer.status_code
            time.sleep(0.3)


def _check_messages(trial: Trial, receiver: Receiver) -> None:
    """Each finished batch must be announced once; a repeated message has the same id."""
    batches = {str(uuid.UUID(str(pk))) for (pk,) in trial.rows("b.id")}

    def announced() -> dict[str, str]:
        messages = [message.verified(_SECRET)["data"]["id"] for message in receiver.messages]
        return {m.headers["webhook-id"]: batch for m, batch in zip(receiver.messages, messages, strict=False)}

    trial.wait(lambda: set(announced().values()) >= batches, "not all batches were announced")
    found = announced()
    trial.remarks.append(f"{len(batches)} webhooks in {len(receiver.messages)} attempts")
    if len(found) != len(batches):
        trial.faults.append(f"{len(found)} messages about {len(batches)} batches")


def _check_payments(trial: Trial, buyers: int) -> None:
    """Each payment must bring its credits once."""
    paid = (
        "billing_ledgerentry e JOIN billing_creditaccount a ON a.id = e.account_id JOIN accounts_user u "
        f"ON u.id = a.user_id WHERE u.email LIKE 'buyer-%-{trial.email}' AND e.`key` LIKE 'in:%'"
    )
    trial.wait(lambda: trial.count(paid) >= buyers, "not all payments were booked")
    drained = requests.post(
        f"{trial.site.sandbox_url}/sandbox/stripe/deliveries/drain", json={"seconds": 60}, timeout=90
    )
    count = trial.count(paid)
    trial.remarks.append(f"{buyers} payments")
    if not drained.json()["drained"] or count != buyers:
        trial.faults.append(f"{count} payments booked of {buyers}")
