"""Requests off the socket, and answers onto it: whole, in part, late, byte by byte, or not at all."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, cast

from dagster_lookml.pdt.sandbox.actions import Drip, Hang, Reset
from dagster_lookml.pdt.sandbox.page import status_page
from dagster_lookml.pdt.sandbox.reply import HTML_TYPE, Reply, error_reply, json_reply
from dagster_lookml.pdt.sandbox.service import Arrival, Delivery, Service

MAX_BODY: Final = 1_000_000
"""Bytes of a request's body; no call has nearly as many."""

_SHOWN_REQUESTS: Final = 1_000
_SHOWN_TARGET: Final = 500
_OWN_PAGES: Final[dict[str, Callable[[Service], Reply]]] = {
    "/": lambda service: Reply(status=200, body=status_page(service.state(_SHOWN_REQUESTS)).encode(), content_type=HTML_TYPE),
    "/favicon.ico": lambda _: Reply(status=204),
    "/sandbox/state": lambda service: json_reply(200, service.state(_SHOWN_REQUESTS)),
}


class SandboxServer(ThreadingHTTPServer):
    """Listens on loopback, one thread a connection.

    Args:
        port: 0 for one that is free.
        service: that answers.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service) -> None:
        self.service = service
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._all_gone = threading.Condition()
        super().__init__(("127.0.0.1", port), _Connection)

    def server_bind(self) -> None:
        """Bind without looking up the name of the host, which may take long where names are not served."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers may go away; that everything else is our own fault is remembered, and the server goes on."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.service.object_to("", "", f"the sandbox failed: {type(error).__name__}: {error}")

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection."""
        with self._all_gone:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._all_gone:
            self._connections.discard(connection)
            self._all_gone.notify_all()

    def hang_up(self, seconds: float) -> None:
        """End all connections, and wait for their threads, so many seconds at most."""
        self.closing.set()
        with self._all_gone:
            for connection in self._connections:
                _shut(connection)
            self._all_gone.wait_for(lambda: not self._connections, seconds)


class _Connection(BaseHTTPRequestHandler):
    """One connection, with one request after the other."""

    protocol_version = "HTTP/1.1"
    server_version = "LookerSandbox"
    disable_nagle_algorithm = True
    raw_requestline: bytes

    def setup(self) -> None:
        super().setup()
        self._is_reset = False
        self._sandbox.opened(self.connection)

    def finish(self) -> None:
        super().finish()
        if self._is_reset:  # nothing holds the socket any more, so that this ends it with RST; before, it would be a plain end
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self._sandbox.closed(self.connection)

    @property
    def _sandbox(self) -> SandboxServer:
        return cast(SandboxServer, self.server)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the service has its own log."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP, or no method of it."""
        reason = message or HTTPStatus(code).phrase
        self._sandbox.service.object_to(self.command or "", self._target()[:_SHOWN_TARGET], reason)
        self.close_connection = True
        self._send(error_reply(code, reason))

    def _exchange(self) -> None:
        body = self._body()
        if body is None:
            return
        target = self._target()
        own = _OWN_PAGES.get(target)
        if own is not None and self.command == "GET":
            self._send(own(self._sandbox.service))
            return
        arrival = Arrival(
            method=self.command,
            target=target,
            authorization=self.headers.get("Authorization", ""),
            content_type=self.headers.get_content_type(),
            body=body,
        )
        self._deliver(self._sandbox.service.answer(arrival))

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_OPTIONS = _exchange  # noqa: N815 - the base class's names

    def _target(self) -> str:
        """What stands in the request line; the base class drops slashes at its start."""
        words = self.raw_requestline.decode("latin-1").split()
        return words[1] if len(words) > 1 else ""

    def _body(self) -> bytes | None:
        """All of the body; None where it was refused, or never came."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdecimal()):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
            self.close_connection = True
        return None

    def _deliver(self, delivery: Delivery) -> None:
        action = delivery.action
        if isinstance(action, Hang):
            self._sandbox.closing.wait(action.seconds)
        if isinstance(action, Reset):
            self._is_reset = self.close_connection = True
        elif delivery.reply is None:
            self.close_connection = True
            _shut(self.connection)
        else:
            self._send(delivery.reply, action.every if isinstance(action, Drip) else None)

    def _send(self, reply: Reply, every: float | None = None) -> None:
        """Put an answer onto the wire, in one piece or byte by byte."""
        sent = self._head(reply) + reply.body[: reply.sent]
        try:
            if every is None:
                self.wfile.write(sent)
            else:
                self._drip(sent, every)
        except OSError:  # the caller waits no more
            self.close_connection = True
        if reply.sent is not None:
            self.close_connection = True

    def _drip(self, sent: bytes, every: float) -> None:
        for one in sent:
            if self._sandbox.closing.is_set():
                break
            self.wfile.write(bytes((one,)))
            self._sandbox.closing.wait(every)

    def _head(self, reply: Reply) -> bytes:
        phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else ""
        lines = [f"HTTP/1.1 {reply.status} {phrase}", f"Server: {self.server_version}", f"Date: {self.date_time_string()}"]
        if reply.content_type is not None:
            lines.append(f"Content-Type: {reply.content_type}")
        if reply.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(reply.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        lines.extend(f"{name}: {value}" for name, value in reply.headers)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _shut(connection: socket.socket) -> None:
    """End a connection for both sides; closing it would not, as long as files are open on it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was faster
        return
