"""What the exceptions of `requests` and of what is below it say of a call."""

from __future__ import annotations

from ssl import SSLCertVerificationError, SSLError

from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from dagster_lookml.errors import CallFailure


def failure_of(causes: list[BaseException]) -> CallFailure:
    """What an exception says of the request: whether it can have reached the server (PDT-R7).

    What is not known to be before the request is taken to be after it.
    """
    if any(isinstance(one, SSLCertVerificationError) for one in causes):
        return "untrusted"
    if any(_is_of_settings(one) for one in causes):
        return "misconfigured"
    if any(isinstance(one, NewConnectionError | ConnectTimeoutError) for one in causes):
        return "unsent"
    return "unanswered"


def _is_of_settings(error: BaseException) -> bool:
    """Whether a bundle of certificates or a proxy is none; the base URL was checked before.

    ``requests`` raises a plain OSError for a bundle that is not there, and where a bundle holds no certificate, OpenSSL's part
    for certificates fails rather than its part for connections.
    """
    if isinstance(error, SSLError):
        return error.library == "X509"
    return isinstance(error, InvalidSchema | InvalidURL) or (type(error) is OSError and error.errno is None)


def causes_of(error: BaseException, outer: BaseException | None) -> list[BaseException]:
    """An exception and those that it was made of, but for the one that was there before."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop()
        if one in found or one is outer:
            continue
        found.append(one)
        reason = one.reason if isinstance(one, MaxRetryError) else None
        inner = (*one.args, one.__cause__, one.__context__, reason)
        waiting += [each for each in inner if isinstance(each, BaseException)]
    return found


def reason_of(causes: list[BaseException]) -> str:
    """What people want to read of an exception: the innermost text, without addresses of objects."""
    texts = [text for one in causes if (text := _own_text(one))]
    return texts[-1] if texts else type(causes[0]).__name__


def _own_text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = error.args[-1] if error.args else ""
    return text.partition(">: ")[2] or text if isinstance(text, str) else ""
