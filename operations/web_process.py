"""A process of the web server: gunicorn's with threads, except that connections made together are shared out."""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

#: Long enough for another process to wake up.
_OTHERS_TURN_SECONDS = 0.001


class WebProcess(ThreadWorker):
    """Accepts as gunicorn's, but one connection at a time.

    A browser opens six connections at once, and keeps them. The process that wakes up first would take all of them
    before another is awake, and then one core does everything.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and leave the next to another process, unless this is the only one here."""
        before = self.nr_conns
        super().accept(listener)
        if before and self.nr_conns > before:
            time.sleep(_OTHERS_TURN_SECONDS)
