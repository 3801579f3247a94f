"""Processes that are replaced, run twice, or run on two machines."""

import signal

from tests.faults.kills import CUT_TWICE
from tests.faults.traffic import traffic
from tests.faults.trial import Trial
from tests.object_storage import object_storage


def deploy(trial: Trial, *, times: int, batches: int, prompts: int, submits: int) -> None:
    """Replace worker and web server while images are made and batches submitted: nothing may be made twice."""
    trial.submit_numbered(batches, prompts)
    trial.start_workers(1)
    with traffic(trial, submits):
        for number in range(1, times + 1):
            trial.wait_for_ended(round(batches * prompts * number / (times + 2)))
            old, web = trial.site.processes["worker-1"], trial.site.web
            trial.start_worker("worker-1")
            for process in (old, web):
                process.send(signal.SIGTERM)
            codes = [process.popen.wait(60) for process in (old, web) if process.popen]
            trial.site.start_web()
            if codes != [0, 0]:
                trial.faults.append(f"worker and web ended with {codes}")


def schedulers(trial: Trial, *, count: int, batches: int, prompts: int) -> None:
    """Run several schedules: each worker has all periodic jobs."""
    trial.act(f"renewals_due({trial.title!r}, 20)")
    with traffic(trial, submits=2):
        trial.start_workers(count)
        trial.submit_numbered(batches, prompts)
    renewed = (
        "billing_ledgerentry e JOIN billing_creditaccount a ON a.id = e.account_id JOIN accounts_user u "
        f"ON u.id = a.user_id WHERE u.email LIKE 'member-%-{trial.email}' AND e.`key` LIKE 'renew:%'"
    )
    trial.wait(lambda: trial.count(renewed) >= 20, "not all months were renewed")
    if (months := trial.count(renewed)) != 20:
        trial.faults.append(f"{months} months renewed instead of 20")


def machines(trial: Trial, *, batches: int, prompts: int) -> None:
    """Two workers with nothing in common but database, Redis and storage; one of them dies."""
    trial.may_fail = CUT_TWICE
    trial.store_in(trial.cleanup.enter_context(object_storage()))
    trial.submit_numbered(batches, prompts)
    _start_machine(trial, "worker-1")
    trial.wait_for_ended(batches * prompts // 3)
    _start_machine(trial, "worker-2")
    trial.wait(lambda: trial.calls_of("worker-1"), "the first machine makes no image")
    trial.kill_worker("worker-1")
    trial.workers.remove("worker-1")
    trial.wait_until_finished()


def _start_machine(trial: Trial, name: str) -> None:
    folder = trial.site.directory / name
    folder.mkdir(exist_ok=True)
    trial.start_worker(name, folder=folder, VAR_DIR=str(folder), MEDIA_ROOT="")
