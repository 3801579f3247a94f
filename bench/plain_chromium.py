"""A Chromium without an automation library, which would store its requests and so need memory.

Controlled through the pipe of the DevTools protocol, with a few commands and no domain enabled.
"""

import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from operations.supervisor import end_with_parent
from tests.browser.chromium import ARGUMENTS
from tests.databases import chromium

#: Where `--remote-debugging-pipe` reads commands and writes answers.
COMMANDS_FD, ANSWERS_FD = 3, 4


class Tab:
    """A tab of a running Chromium, whose main process is `pid`."""

    def __init__(self, pid: int, commands: BinaryIO, answers: BinaryIO) -> None:
        self.pid = pid
        self._commands, self._answers = commands, answers
        self._numbers = itertools.count(1)
        self._session: str | None = None

    def open(self, url: str, session_cookie: str, downloads: Path) -> None:
        """Open `url` signed in; downloads go to the folder `downloads`."""
        cookie = {"name": "sessionid", "value": session_cookie, "url": url, "httpOnly": True}
        self._say("Storage.setCookies", cookies=[cookie])
        self._say("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        tab = next(target for target in self._say("Target.getTargets")["targetInfos"] if target["type"] == "page")
        self._session = self._say("Target.attachToTarget", targetId=tab["targetId"], flatten=True)["sessionId"]
        self._say("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression, awaited if it is a promise."""
        answer = self._say("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    def processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.pid)
        return [main, *main.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def _say(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while (answer := self._read()).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _read(self) -> dict[str, Any]:
        output = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("Chromium has ended")
            output += byte
        return dict(json.loads(output))


@contextmanager
def plain_chromium(profile: Path) -> Iterator[Tab]:
    """Run Chromium with this profile."""
    command_out, command_in = os.pipe()
    answer_out, answer_in = os.pipe()
    die_with_us = end_with_parent()

    def connect() -> None:
        if die_with_us:
            die_with_us()
        os.dup2(command_out, COMMANDS_FD)
        os.dup2(answer_in, ANSWERS_FD)

    process = subprocess.Popen(
        [chromium(whole=True), *ARGUMENTS, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=connect,
        pass_fds=(COMMANDS_FD, ANSWERS_FD),
    )
    os.close(command_out)
    os.close(answer_in)
    with os.fdopen(command_in, "wb") as commands, os.fdopen(answer_out, "rb") as answers:
        yield Tab(process.pid, commands, answers)
        process.terminate()
        process.wait()
