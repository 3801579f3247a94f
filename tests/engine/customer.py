"""A customer of a running site, for the engine's tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.inside import Inside
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import Upstream


@dataclass
class Customer:
    """Submits batches that share a title, and watches them in the database."""

    site: Stack
    inside: Inside
    upstream: Upstream
    title: str
    email: str

    def submit(self, *lists: Sequence[str]) -> None:
        """Submit one batch for each list of prompts."""
        self.act(f"submit({self.email!r}, {self.title!r}, {[list(prompts) for prompts in lists]!r})")

    def submit_numbered(self, batch_count: int, prompt_count: int) -> None:
        """Submit batches whose prompts say which they are: `title b2 p5`."""
        self.submit(*([f"{self.title} b{b} p{p}" for p in range(prompt_count)] for b in range(batch_count)))

    def act(self, call: str) -> None:
        """Run a function of `tests.engine.acts` inside the site."""
        self.inside.run(call)

    def prompts(self) -> list[tuple[Any, ...]]:
        """Return status, error code and number of calls of every prompt, in order."""
        return self.site.query(
            "SELECT p.status, p.error_code, p.attempt_count FROM batches_prompt p JOIN batches_batch b "
            f"ON b.id = p.batch_id WHERE b.title = '{self.title}' ORDER BY b.created_at, p.position"
        )

    def statuses(self) -> Counter[str]:
        """Return how many prompts are in each status."""
        return Counter(status for status, _, _ in self.prompts())

    def batch_statuses(self) -> Counter[str]:
        """Return how many batches are in each status."""
        rows = self.site.query(f"SELECT status FROM batches_batch WHERE title = '{self.title}'")
        return Counter(status for (status,) in rows)

    def is_finished(self) -> bool:
        """Tell whether every batch has come to its end."""
        return set(self.batch_statuses()) == {"finished"}

    def wait_until_finished(self) -> None:
        """Wait until every batch has come to its end."""
        wait_for(self.is_finished, what=f"all finished ({self.statuses()} at the start)", every=0.1)

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls for images of this customer's prompts that upstream has got."""
        calls = (call for call in self.upstream.calls() if call["endpoint"].startswith("images/"))
        return [call for call in calls if call["prompt"].startswith(self.title)]

    def wait_for_calls(self, count: int) -> None:
        """Wait until upstream has got so many calls."""
        wait_for(lambda: len(self.calls()) >= count, what=f"{count} calls")
