"""The key and the site's URL: from options, the environment, or a file that only its owner can read."""

import os
import stat
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iib.failures import NotAllowed, UsageFailure
from iib.files import write_atomically

KEY_VARIABLE, URL_VARIABLE = "IIB_API_KEY", "IIB_URL"
DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Config:
    url: str
    key: str


def path() -> Path:
    """Return the path of `iib/config.toml` in the system's configuration directory."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData/Roaming")) / "iib" / "config.toml"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "iib" / "config.toml"


def load(*, key: str | None, url: str | None) -> Config:
    """Use the option, otherwise the environment, otherwise the file; raises `NotAllowed` without a key."""
    key, url = key or os.environ.get(KEY_VARIABLE), url or os.environ.get(URL_VARIABLE)
    # A file that isn't needed may be damaged: `iib login` replaces it.
    stored = {} if key and url else _stored()
    found = (key or stored.get("key") or "").strip()
    if not found:
        raise NotAllowed(f"There is no API key. Set {KEY_VARIABLE}, or run `iib login` once. Keys: /account/keys/.")
    if not found.isascii() or not found.isprintable() or " " in found:
        raise NotAllowed("The API key contains characters that no key can contain.")
    return Config(url or stored.get("url") or DEFAULT_URL, found)


def save(config: Config) -> Path:
    """Write the file, readable only by its owner, and return its path."""
    file = path()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Both are printable ASCII without quotes, so they need no escaping.
    write_atomically(file, f'url = "{config.url}"\nkey = "{config.key}"\n'.encode())
    return file


def public_id(key: str) -> str:
    """Return the part of a key that may be stored and shown: the id in `iib_<id>_<secret>`."""
    parts = key.split("_")
    return parts[1] if len(parts) == 3 and parts[0] == "iib" else "?"


def _stored() -> dict[str, str]:
    file = path()
    try:
        with file.open("rb") as stream:
            _check_permissions(file, os.fstat(stream.fileno()).st_mode)
            return {name: str(value) for name, value in _parsed(stream.read()).items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageFailure(f"{file} cannot be read: {error.strerror}.") from error


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFailure(f"{path()} is not valid TOML. To write it again: iib login --url URL") from error


def _check_permissions(file: Path, mode: int) -> None:
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotAllowed(f"{file} can be read by others. Run: chmod 600 {file}")
