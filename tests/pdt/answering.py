"""A server of bytes: it answers each request with what it was given, for what no server of HTTP would send."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType


def answer(body: str | bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP response that keeps the connection open."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
    return head.encode() + content


ONE_BUILD = (
    answer('{"access_token": "t0k3n-t0k3n-t0k3n", "token_type": "Bearer", "expires_in": 3600}'),
    answer('{"materialization_id": "7", "resp_text": "{\\"status\\": \\"added\\"}"}'),
    answer('{"materialization_id": "7", "resp_text": "{\\"status\\": \\"complete\\"}"}'),
    answer("", "204 No Content"),
)
"""Login, start, check, logout."""


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Answering:
    """Gives its answers one after the other, to whatever is asked; the last one for ever.

    Args:
        answers: whole responses. What is no response with a length ends the connection.
        drips: seconds between two bytes of the body of some answers, by their number.
        secure: speak TLS.

    Attributes:
        received: all bytes that came.
        connections: how many there were.
    """

    def __init__(
        self, answers: Sequence[bytes], drips: Mapping[int, float] | None = None, secure: ssl.SSLContext | None = None
    ) -> None:
        self._secure = secure
        self._answers = answers
        self._drips = drips or {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._given = 0
        self._closing = threading.Event()
        self.received = b""
        self.connections = 0
        self.url = f"{'http' if secure is None else 'https'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self) -> Answering:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._listener.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._secure is not None:
                connection = self._secure.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while self._request(connection):
                number, self._given = self._given, self._given + 1
                given = self._answers[min(number, len(self._answers) - 1)]
                self._send(connection, given, self._drips.get(number))
                if b"Content-Length: " not in given or b"Content-Type" not in given:
                    break
            connection.shutdown(socket.SHUT_RDWR)

    def _send(self, connection: socket.socket, given: bytes, drip: float | None) -> None:
        if drip is None:
            connection.sendall(given)
            return
        head, separator, body = given.partition(b"\r\n\r\n")
        connection.sendall(head + separator)
        for byte in body:
            if self._closing.wait(drip):
                return
            connection.sendall(bytes([byte]))

    def _request(self, connection: socket.socket) -> bool:
        """Read a request with its body; tell whether one came."""
        text = b""
        while b"\r\n\r\n" not in text:
            more = connection.recv(65536)
            if not more:
                return False
            text += more
            self.received += more
        head, _, body = text.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        while len(body) < length:
            more = connection.recv(65536)
            body += more
            self.received += more
        return True
