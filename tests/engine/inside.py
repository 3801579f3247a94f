"""A process inside a site that runs the acts it is told: starting Django for each would take most of a test's time.

python -m tests.engine.inside    reads one Python call a line, answers with a line: nothing, or the error
"""

import subprocess
import sys
from dataclasses import dataclass, field

from operations.supervisor import end_with_parent
from tests.processes import ROOT
from tests.servers import Stack


@dataclass
class Inside:
    """The end of the process that tests hold."""

    site: Stack
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.inside"],
            env=self.site.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent(),
        )

    def run(self, call: str) -> None:
        """Run one call of `tests.engine.acts`; raise with its error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(call.replace("\n", " ") + "\n")
        self.process.stdin.flush()
        if answer := self.process.stdout.readline().strip():
            raise RuntimeError(f"{call}: {answer}")

    def stop(self) -> None:
        """End the process."""
        with self.process:
            self.process.terminate()


def main() -> None:
    """Run what stands on standard input, until it ends."""
    import django

    django.setup()
    from django.db import connection

    from tests.engine import acts

    for line in sys.stdin:
        try:
            exec(line, vars(acts).copy())
            print(flush=True)
        except BaseException as error:  # noqa: BLE001  (the test raises it again)
            print(f"{type(error).__name__}: {error}".replace("\n", " | "), flush=True)
        # Servers are killed between two calls.
        connection.close()


if __name__ == "__main__":
    main()
