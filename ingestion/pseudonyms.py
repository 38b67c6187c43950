"""The pseudonym key and the pseudonyms made with it.

A pseudonym is the first 32 hexadecimal digits of HMAC-SHA-256(key, scope|kind|identifier), so the
same person has the same one in every delivery, and in two sources that share an identity
namespace. The key file stays outside the home: who holds a home without the key cannot go back to
an identifier.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.errors import KeyFileError

_BYTES = 32
_REMEMBERED = 300_000  # identifiers per kind whose pseudonym is kept between chunks
_STRIPPED = " \t\r\n\u00a0"


@dataclass(frozen=True)
class PseudonymKey:
    """A key. `fingerprint` tells two keys apart without giving them away; `created`: made just
    now."""

    path: Path
    fingerprint: str
    created: bool
    secret: bytes = field(repr=False)
    _known: dict[tuple[str, str], dict[str, str]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def pseudonym(self, scope: str, kind: str, identifier: str) -> str:
        """The pseudonym of one identifier; outer space does not count."""
        message = f"{scope}|{kind}|{identifier.strip(_STRIPPED)}".encode()
        return hmac.digest(self.secret, message, "sha256").hex()[:32]

    def pseudonyms(self, scope: str, kind: str, identifiers: pa.Array) -> pa.Array:
        """The pseudonyms of a text array; empty and NULL become NULL. Each distinct text is
        hashed once."""
        encoded = pc.dictionary_encode(pc.utf8_trim(identifiers, characters=_STRIPPED))
        known = self._known.setdefault((scope, kind), {})
        if len(known) > _REMEMBERED:
            known.clear()
        inner, outer = self._started(f"{scope}|{kind}|".encode())
        made: list[str | None] = []
        for text in encoded.dictionary.to_pylist():
            pseudonym = known.get(text) if text else None
            if text and pseudonym is None:
                first, second = inner.copy(), outer.copy()
                first.update(text.encode())
                second.update(first.digest())
                pseudonym = known[text] = second.hexdigest()[:32]
            made.append(pseudonym)
        return pa.array(made, pa.string()).take(encoded.indices)

    def _started(self, prefix: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
        """The two hashes of HMAC (RFC 2104) with all but the identifier in: half the time each."""
        secret = self.secret if len(self.secret) <= 64 else hashlib.sha256(self.secret).digest()
        block = secret.ljust(64, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
        return inner, hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


def load_key(path: Path, *, create: bool) -> PseudonymKey:
    """Read the key file, or make one when `create` and there is none.

    KeyFileError: missing, readable or writable by group or others, not a regular file, or not a
    key.
    """
    path = path.expanduser()
    created = False
    if not path.exists():
        if not create:
            raise KeyFileError(
                f"{path}: no pseudonym key here; put the project's key back, or set "
                "ATMP_RWE_KEY_FILE to where it is."
            )
        created = _create(path)
    secret = _read(path)
    fingerprint = hashlib.sha256(b"atmp-rwe key fingerprint|" + secret).hexdigest()[:16]
    return PseudonymKey(path, fingerprint, created, secret)


def _create(path: Path) -> bool:
    """Write a new key, readable by the owner alone from its first byte; False if another run was
    first."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)  # fails if it is there: a key is never overwritten
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
    except OSError as error:
        raise KeyFileError(
            f"{path}: the pseudonym key cannot be written ({error.strerror}); set "
            "ATMP_RWE_KEY_FILE "
            "to a place outside the home that can be written."
        ) from error
    return True


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise KeyFileError(f"{path}: not a file; set ATMP_RWE_KEY_FILE to the key file.")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise KeyFileError(
                    f"{path}: the pseudonym key can be read by others than its owner; "
                    f"run `chmod 600 {path}`, and consider it known to them."
                )
            text = file.read(4096).strip()
    except OSError as error:
        raise KeyFileError(
            f"{path}: the pseudonym key cannot be read ({error.strerror})."
        ) from error
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) < _BYTES:
        raise KeyFileError(
            f"{path}: not a pseudonym key (at least {2 * _BYTES} hexadecimal digits on one line); "
            "put the project's key back."
        )
    return secret
