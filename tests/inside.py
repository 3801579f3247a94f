"""A process that runs Python calls in a site: starting Django for each call would take most of a test's time.

python -m tests.inside    reads one Python call per line; writes one line of JSON: the text returned, or the error
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib import memory
from operations.supervisor import end_with_parent
from tests.processes import ROOT


@dataclass
class Inside:
    """The end of the process that tests hold."""

    environment: Mapping[str, str]
    #: Mails and notes of the calls.
    log: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.inside"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=end_with_parent(),
            )

    def run(self, call: str) -> str:
        """Run a call of a function of `tests.engine.acts`; return its text, if it returns one; raise with its error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(call.replace("\n", " ") + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{call}: {answer['error']}")
        return str(answer["text"])

    def stop(self) -> None:
        """End the process."""
        with self.process:
            self.process.terminate()


def main() -> None:
    """Run what stands on standard input, until it ends."""
    import django

    with memory.excluded_from_garbage_collection():
        django.setup()
        from django.db import connection

        from tests.engine import acts

    # Mails and notes of the calls are printed too, and must not be taken for answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            returned = eval(line, vars(acts).copy())
            answer = {"text": returned if isinstance(returned, str) else ""}
        except BaseException as error:  # noqa: BLE001  (the test raises it again)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
        # Servers are killed between two calls.
        connection.close()


if __name__ == "__main__":
    main()
