"""Secret keys: files in the data directory, readable by their owner alone, made at the first start."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from joserfc.jwk import OKPKey

    from audit.log_keys import LogKeys

SIGNING_KEY_FILE = "token-signing-key.json"
AUDIT_KEY_FILE = "audit-master-key.hex"
AUDIT_KEY_BYTES = 32
LOG_KEYS_FILE = "audit-log-keys.json"
_HOST = re.compile(r"[a-z0-9.-]{1,100}(/[a-z0-9.-]{1,50}){0,3}")


def token_key(folder: Path) -> OKPKey:
    """Give the Ed25519 key that signs tokens; a new key ends every token issued before.

    Raises:
        StartupError: the file cannot be read or made, is open to others, or holds no such key.
    """
    from joserfc.jwk import OKPKey

    def make() -> bytes:
        return json.dumps(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)).encode()

    path = folder / SIGNING_KEY_FILE
    text = _read_or_make(path, make)
    try:
        key = OKPKey.import_key(json.loads(text))
        usable = key.is_private and key.as_dict().get("crv") == "Ed25519"
    except Exception as error:
        raise _damaged(path) from error
    if not usable:
        raise _damaged(path)
    return key


def audit_key(folder: Path) -> bytes:
    """Give the 32-byte key under which the audit log keeps personal values; without it they cannot be read again.

    Raises:
        StartupError: the file cannot be read or made, is open to others, or holds no such key.
    """
    path = folder / AUDIT_KEY_FILE
    text = _read_or_make(path, lambda: secrets.token_hex(AUDIT_KEY_BYTES).encode())
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise _damaged(path) from error
    if len(key) != AUDIT_KEY_BYTES:
        raise _damaged(path)
    return key


def log_keys(folder: Path) -> LogKeys:
    """Give the name of this deployment's audit logs and the Ed25519 keys that sign them, the oldest first.

    Raises:
        StartupError: the file cannot be read or made, is open to others, or holds no such keys.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit.log_keys import LogKeys

    def make() -> bytes:
        # The name is the deployment's own from the start: two with one name would look like one log that forked.
        host = f"log-{secrets.token_hex(8)}.invalid"
        return json.dumps({"host": host, "keys": [secrets.token_hex(AUDIT_KEY_BYTES)]}).encode()

    path = folder / LOG_KEYS_FILE
    text = _read_or_make(path, make)
    try:
        read = json.loads(text)
        keys = [Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)) for seed in read["keys"]]
        host = read["host"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    if not keys or not isinstance(host, str) or not _HOST.fullmatch(host):
        raise _damaged(path)
    return LogKeys(host=host, keys=keys)


def rotate_log_keys(folder: Path) -> LogKeys:
    """Add a new signing key behind the others; every key goes on signing until it is taken out of the file.

    Raises:
        StartupError: as `log_keys`.
    """
    log_keys(folder)
    path = folder / LOG_KEYS_FILE
    read = json.loads(path.read_bytes())
    read["keys"].append(secrets.token_hex(AUDIT_KEY_BYTES))
    write_private(path, json.dumps(read).encode())
    return log_keys(folder)


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, replacing an older one at once and entirely.

    Raises:
        StartupError: it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write_new(fresh, content)
        fresh.replace(path)
    except OSError as error:
        raise StartupError(f"`{path}` cannot be written (`{error.strerror}`): make the directory writable") from error


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    try:
        if not path.exists():
            _make(path, make())
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StartupError(
                f"the key file `{path}` is open to other users: run `chmod 600` on it, then replace the key"
            )
        return path.read_bytes()
    except OSError as error:
        raise StartupError(
            f"the key file `{path}` cannot be used (`{error.strerror}`): run as the owner of the data directory"
        ) from error


def _make(path: Path, content: bytes) -> None:
    """Make the file whole or not at all; of two processes at once, one makes it and both then read it."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write_new(fresh, content)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _damaged(path: Path) -> StartupError:
    return StartupError(f"the key file `{path}` is damaged: restore it from a backup, or move it away for a new key")
