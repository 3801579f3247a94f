"""What ends a command early: a sentence for the person, and the exit code for the program that called."""

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process ends with; the README documents each."""

    ALL_READY = 0
    SOME_FAILED = 1
    USAGE = 2
    NOT_ALLOWED = 3
    NOT_ENOUGH_CREDITS = 4
    SERVER = 5
    INTERRUPTED = 130


class Failure(Exception):
    """Nothing that the client can mend; `details` are further lines, one fault each."""

    exit_code = ExitCode.SERVER

    def __init__(self, sentence: str, details: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = list(details)


class UsageFailure(Failure):
    """The command or the list is wrong, and nothing was started."""

    exit_code = ExitCode.USAGE


class NotFound(UsageFailure):
    """The site has no such batch or image (any more)."""


class WrongState(UsageFailure):
    """The batch is past the point where this could be done."""


class NotAllowed(Failure):
    """There is no key, or the site does not let it do this."""

    exit_code = ExitCode.NOT_ALLOWED


class NotEnoughCredits(Failure):
    """The list needs more credits than there are, and nothing was started."""

    exit_code = ExitCode.NOT_ENOUGH_CREDITS


class ServerFailure(Failure):
    """The site, the network or the disk is in the way; what was started goes on."""


class Interrupted(Failure):
    """The person pressed Ctrl-C, or the system asked the process to end."""

    exit_code = ExitCode.INTERRUPTED
