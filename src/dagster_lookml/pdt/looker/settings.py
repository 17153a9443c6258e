"""Where Looker is and who asks: from LOOKERSDK_* variables, an ini file, or both, as Looker's own SDK names them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from configparser import Error as IniError
from configparser import RawConfigParser
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from dagster_lookml.errors import SettingsError

PREFIX: Final = "LOOKERSDK_"
DEFAULT_INI: Final = "looker.ini"
DEFAULT_TIMEOUT: Final = 60.0

_KEYS: Final = ("base_url", "client_id", "client_secret", "verify_ssl", "timeout")
_NEEDED: Final = _KEYS[:3]
_YES: Final = ("yes", "y", "true", "t", "1")
_NO: Final = ("no", "n", "false", "f", "0")
_API_PATH: Final = re.compile(r"(?:/api(?:/\d(?:\.\d+)?)?)?/*")


class LookerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to talk to a Looker instance.

    Attributes:
        base_url: scheme, host and port of the API, as `base_url_of` gives it.
        client_id: of an API key.
        client_secret: of an API key.
        verify_ssl: check the server's certificate.
        timeout: seconds that one call may take in all; a start may take twice as long, for it cannot simply be sent again.

    >>> LookerSettings(base_url="https://acme.looker.com", client_id="x", client_secret="s3cr3t")
    LookerSettings(base_url='https://acme.looker.com')
    """

    base_url: str
    client_id: str
    client_secret: str
    verify_ssl: bool = True
    timeout: float = DEFAULT_TIMEOUT

    def __repr__(self) -> str:
        return f"LookerSettings(base_url={self.base_url!r})"

    @property
    def host(self) -> str:
        """The instance, as people call it: host, and port where one is written."""
        return urlsplit(self.base_url).netloc


def looker_settings(
    environment: Mapping[str, str] = os.environ, ini: Path | None = None, section: str | None = None
) -> LookerSettings:
    """The settings that environment and ini file give; the environment's are stronger.

    Args:
        environment: with ``LOOKERSDK_BASE_URL``, ``LOOKERSDK_CLIENT_ID``, ``LOOKERSDK_CLIENT_SECRET``, and perhaps
            ``LOOKERSDK_VERIFY_SSL`` and ``LOOKERSDK_TIMEOUT``.
        ini: a file with the same names in lower case. If None it is ``looker.ini`` here, if there is one and the environment
            names neither instance nor key: a file that happens to lie there must not say where a secret goes.
        section: of the file; its first if None.

    Raises:
        SettingsError: something is missing or wrong.

    >>> key = {"LOOKERSDK_CLIENT_ID": "x", "LOOKERSDK_CLIENT_SECRET": "y"}
    >>> looker_settings({"LOOKERSDK_BASE_URL": "acme.looker.com", **key})
    Traceback (most recent call last):
      ...
    dagster_lookml.errors.SettingsError: LOOKERSDK_BASE_URL: 'acme.looker.com' begins neither with https:// nor with http://
    """
    found: dict[str, tuple[str, str]] = {}
    file = ini if ini is not None else Path(DEFAULT_INI)
    is_set = any(_unquoted(environment.get(PREFIX + key.upper(), "")) for key in _NEEDED)
    if ini is not None or (not is_set and file.exists()):
        found.update({key: (f"{file}: {key}", value) for key, value in _ini_values(file, section).items()})
    for key in _KEYS:
        if value := _unquoted(environment.get(PREFIX + key.upper(), "")):
            found[key] = (PREFIX + key.upper(), value)
    missing = [PREFIX + key.upper() for key in _NEEDED if key not in found]
    if missing:
        raise SettingsError(", ".join(missing), f"not set; set it in the environment, or all of them in a file {DEFAULT_INI}")
    return LookerSettings(
        base_url=base_url_of(found["base_url"][1], found["base_url"][0]),
        client_id=found["client_id"][1],
        client_secret=found["client_secret"][1],
        verify_ssl=_switch(*found["verify_ssl"]) if "verify_ssl" in found else True,
        timeout=_seconds(*found["timeout"]) if "timeout" in found else DEFAULT_TIMEOUT,
    )


def base_url_of(written: str, origin: str = "base_url") -> str:
    """The base URL that calls are made of: scheme, host and port, and nothing else (PDT-R15).

    Args:
        written: as the user wrote it; a ``/api/4.0`` at its end is left out.
        origin: where it stands, for errors.

    Raises:
        SettingsError: it is no such URL.

    >>> base_url_of("https://acme.looker.com:19999/api/4.0/")
    'https://acme.looker.com:19999'
    >>> base_url_of("https://acme.com/looker")
    Traceback (most recent call last):
      ...
    dagster_lookml.errors.SettingsError: base_url: it has a path, /looker; write scheme, host and port alone
    """
    text = _unquoted(written)
    if "@" in text:  # first of all: what stands around it may be a password, and no other error may show it
        raise SettingsError(origin, "it holds a user or a password; give credentials by LOOKERSDK_CLIENT_ID and _SECRET")
    if not text.lower().startswith(("https://", "http://")):
        raise SettingsError(origin, f"{text[:100]!r} begins neither with https:// nor with http://")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise SettingsError(origin, f"it is no URL: {error}") from None
    if not host or re.search(r"[\s\x00-\x1f]", text):
        raise SettingsError(origin, "it has no host, or blanks in it")
    if parts.query or parts.fragment or not _API_PATH.fullmatch(parts.path):
        what = f"a path, {parts.path}" if parts.path.strip("/") else "a query or a fragment"
        raise SettingsError(origin, f"it has {what}; write scheme, host and port alone")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port is not None else "")


def _ini_values(file: Path, section: str | None) -> dict[str, str]:
    """The values of an ini file."""
    parser = RawConfigParser()  # no interpolation: a % in a secret is a %
    if wrong := _read_into(parser, file):
        raise SettingsError(str(file), wrong)
    if not parser.sections():
        raise SettingsError(str(file), "it has no section; begin it with a line [Looker]")
    name = section or parser.sections()[0]
    if not parser.has_section(name):
        raise SettingsError(str(file), f"it has no section [{name}], only {', '.join(f'[{one}]' for one in parser.sections())}")
    values = ((key, _unquoted(value)) for key, value in parser.items(name))
    return {key: value for key, value in values if key in _KEYS and value}


def _read_into(parser: RawConfigParser, file: Path) -> str | None:
    """What is wrong with an ini file. The parser's errors quote the file, and so perhaps a secret: ours keep no hold of them."""
    try:
        parser.read_string(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return "cannot be read: it is not UTF-8"
    except IniError:
        return "it is no ini file: write lines like base_url=https://… under a line [Looker]"
    return None


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'").strip()


def _switch(origin: str, value: str) -> bool:
    lowered = value.lower()
    if lowered not in (*_YES, *_NO):
        raise SettingsError(origin, f"{value[:100]!r} is neither true nor false")
    return lowered in _YES


def _seconds(origin: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise SettingsError(origin, f"{value[:100]!r} is no number of seconds above 0")
    return seconds
