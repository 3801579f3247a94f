"""All scenarios, each in full for `make faults` and short for `make test`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.faults import kills, replacements, services, storage
from tests.faults.hostile import HostileUpstream
from tests.faults.trial import LEASE_SECONDS, Trial
from tests.faults.verdict import Verdict, verdict
from tests.servers import Stack

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Scenario:
    """What happens, and its size in full and short; None where other tests already show as much as a short form."""

    act: Callable[..., None]
    full: Sizes
    short: Sizes | None
    seconds_per_image: float = 0.5


#: Longer than the leases.
OUTAGE = {"seconds": round(2 * LEASE_SECONDS), "submits": 6, "batches": 10, "prompts": 10}
SHORT_OUTAGE = {"seconds": 1, "submits": 2, "batches": 5, "prompts": 4}
SCENARIOS = {
    "workers": Scenario(
        kills.workers,
        {"kills": 50, "batches": 10, "prompts": 20},
        {"kills": 2, "batches": 2, "prompts": 5},
        seconds_per_image=1.0,
    ),
    "busy-workers": Scenario(
        kills.busy_workers,
        {"kills": 50, "batches": 10, "prompts": 50},
        {"kills": 3, "batches": 5, "prompts": 6},
        seconds_per_image=1.0,
    ),
    "database": Scenario(kills.database, OUTAGE, SHORT_OUTAGE),
    "broker": Scenario(kills.broker, OUTAGE, SHORT_OUTAGE),
    "web": Scenario(kills.web, OUTAGE, SHORT_OUTAGE),
    "full-disk": Scenario(storage.full_disk, {"batches": 10, "prompts": 10}, None),
    "no-storage": Scenario(storage.no_storage, {"batches": 10, "prompts": 10}, {"batches": 3, "prompts": 4}),
    "wrong-answers": Scenario(services.wrong_answers, {"batches": 10, "kinds": 85}, {"batches": 8, "kinds": 15}),
    "storm": Scenario(
        services.storm,
        {"customers": 20, "prompts": 8, "places": 5},
        {"customers": 10, "prompts": 2, "places": 3},
    ),
    "deploy": Scenario(
        replacements.deploy,
        {"times": 3, "batches": 10, "prompts": 30, "submits": 6},
        {"times": 1, "batches": 5, "prompts": 8, "submits": 2},
    ),
    "schedulers": Scenario(
        replacements.schedulers,
        {"count": 3, "batches": 20, "prompts": 10},
        {"count": 2, "batches": 5, "prompts": 4},
    ),
    "machines": Scenario(
        replacements.machines,
        {"batches": 10, "prompts": 20},
        {"batches": 5, "prompts": 6},
        seconds_per_image=1.0,
    ),
}


def names(*, short: bool) -> list[str]:
    return [name for name, scenario in SCENARIOS.items() if not short or scenario.short]


def run(name: str, site: Stack, upstream: HostileUpstream, *, short: bool) -> Verdict:
    """Run a scenario on a site with web server and sandbox; its workers are ended."""
    scenario = SCENARIOS[name]
    upstream.forget(scenario.seconds_per_image)
    trial, began_at = Trial(site, upstream, f"faults-{name}"), time.monotonic()
    sizes = scenario.short if short else scenario.full
    try:
        scenario.act(trial, **sizes or {})
    except TimeoutError as late:
        trial.faults.append(f"not in time: {late}")
    finally:
        _end(trial)
    with trial.cleanup:
        return verdict(trial, name, time.monotonic() - began_at)


def _end(trial: Trial) -> None:
    trial.site.revive_servers()
    for name in trial.workers:
        trial.site.processes.pop(name).kill9()
