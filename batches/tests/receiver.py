"""A customer's server on the loopback address. It stores requests and sends the responses that a test has set."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Message:
    """One request as it came."""

    headers: dict
    body: str

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the content, proved by the official library; it raises when the signature is wrong."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver(ThreadingHTTPServer):
    """Answers each POST with the next of `statuses`, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"
        self.messages, self.statuses, self.headers = [], [204], {}
        self.answer = b"thank you"
        #: Cleared, it lets senders wait for their answer.
        self.may_answer = threading.Event()
        self.may_answer.set()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Let go who waits, and end."""
        self.may_answer.set()
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.messages.append(Message({k.lower(): v for k, v in self.headers.items()}, body))
        self.server.may_answer.wait(60)
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *args: Any) -> None:
        pass
