"""What must be true after each scenario."""

from dataclasses import dataclass

from tests.faults.trial import Trial

HEAD = """\
| Scenario | Ready | Failed | Kills | Calls cut by kills | Images wasted | Seconds | Result |
|---|---|---|---|---|---|---|---|"""
_CHARGES = "batches_prompt p JOIN batches_batch b ON b.id = p.batch_id JOIN billing_ledgerentry e"
_ENDINGS = """
    (SELECT e.position FROM batches_batchevent e JOIN batches_batch b ON b.id = e.batch_id
    WHERE b.title = '{title}' AND e.position IS NOT NULL AND e.to_status IN ('ready', 'failed', 'cancelled')
    GROUP BY e.batch_id, e.position HAVING COUNT(*) > 1) AS repeated
"""


@dataclass(frozen=True)
class Verdict:
    """The numbers of a scenario; `surplus` images were made and not delivered."""

    scenario: str
    outcomes: dict[str, int]
    kills: int
    cut_calls: int
    surplus: int
    seconds: float
    remarks: list[str]
    faults: list[str]

    def as_row(self) -> str:
        """Return a row of Markdown."""
        failed = [f"{count} {name[7:]}" for name, count in self.outcomes.items() if name.startswith("failed")]
        said = "; ".join([*(f"**{fault}**" for fault in self.faults), *self.remarks]) or "right"
        numbers = self.kills, self.cut_calls, self.surplus, round(self.seconds)
        cells = self.scenario, self.outcomes.get("ready", 0), ", ".join(failed) or 0, *numbers, said
        return f"| {' | '.join(map(str, cells))} |".replace("\n", " ")


def verdict(trial: Trial, scenario: str, seconds: float) -> Verdict:
    outcomes, cut_calls = dict(trial.outcomes()), trial.cut_calls()
    surplus = trial.upstream.images_made() - outcomes.get("ready", 0)
    faults = [*trial.faults, *_faults(trial, outcomes), *_books(trial)]
    if not 0 <= surplus <= cut_calls <= trial.kills * trial.concurrency:
        faults.append(f"{surplus} images wasted, {cut_calls} calls cut by {trial.kills} kills")
    return Verdict(scenario, outcomes, trial.kills, cut_calls, surplus, seconds, trial.remarks, faults)


def _faults(trial: Trial, outcomes: dict[str, int]) -> list[str]:
    ready, total = outcomes.get("ready", 0), sum(outcomes.values())
    charges = trial.count(f"{_CHARGES} ON e.`key` = CONCAT('prompt:', p.id) WHERE b.title = '{trial.title}'")
    repeated = trial.count(_ENDINGS.format(title=trial.title))
    files = trial.file_count()
    wrong_ends = set(outcomes) - {"ready", *(f"failed {code}" for code in trial.may_fail)}
    checks = {
        f"{total} prompts instead of {trial.prompt_count}": total != trial.prompt_count,
        f"prompts are {', '.join(sorted(wrong_ends))}": wrong_ends,
        f"{repeated} prompts ended more than once": repeated,
        f"{files} files, {charges} charges and {ready} ready images": {files, charges} != {ready},
    }
    return [fault for fault, is_wrong in checks.items() if is_wrong]


def _books(trial: Trial) -> list[str]:
    """Check the ledger, and that each stored image is the one that was received."""
    try:
        trial.act(f"prove({trial.title!r})")
    except RuntimeError as error:
        return [str(error)]
    return []
