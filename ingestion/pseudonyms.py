"""The pseudonym key and the pseudonyms made with it.

A pseudonym is the first 32 hexadecimal digits of HMAC-SHA-256(key, scope|kind|identifier), so the
same person has the same one in every delivery, and in two sources that share an identity
namespace. The key file stays outside the home: who holds a home without the key cannot go back to
an identifier.

What belongs to one home is in `home_key`: the id of its project, mixed into the first secret here.

A key that was rotated has several secrets, one a line of its file, the first one first. Each later
secret replaces a pseudonym by the HMAC of its SHA-256: what is stored can be carried over without
the identifiers, also a deny list that holds nothing but SHA-256s.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
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
    now; `later`: the secrets it was rotated with since; `project`: whose `secret` it is, None as
    the file has it."""

    path: Path
    fingerprint: str
    created: bool
    secret: bytes = field(repr=False)
    later: tuple[bytes, ...] = field(default=(), repr=False)
    project: str | None = None
    _known: dict[tuple[str, str], dict[str, str]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of_project(self, project: str) -> PseudonymKey:
        """This key as one project uses it: no pseudonym of another one can be met with it.

        The later secrets are as in the file: they replace pseudonyms that differ already.
        """
        assert self.project is None, "the key is of a project already"
        secret = hmac.digest(self.secret, f"atmp-rwe project|{project}".encode(), "sha256")
        fingerprint = _fingerprint((secret, *self.later))
        return PseudonymKey(self.path, fingerprint, self.created, secret, self.later, project)

    def pseudonym(self, scope: str, kind: str, identifier: str) -> str:
        """The pseudonym of one identifier; outer space does not count."""
        message = f"{scope}|{kind}|{identifier.strip(_STRIPPED)}".encode()
        made = hmac.digest(self.secret, message, "sha256").hex()[:32]
        return carried_over(made, self.later)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The fingerprint of this key as it was made and after each rotation; the last is its
        own."""
        secrets_ = (self.secret, *self.later)
        return tuple(_fingerprint(secrets_[:count]) for count in range(1, len(secrets_) + 1))

    def since(self, fingerprint: str) -> tuple[bytes, ...] | None:
        """The secrets added since the key had a fingerprint; None: it never had."""
        known = self.fingerprints
        return self.later[known.index(fingerprint) :] if fingerprint in known else None

    def pseudonyms(self, scope: str, kind: str, identifiers: pa.Array) -> pa.Array:
        """The pseudonyms of a text array, dictionary-encoded; empty and NULL become NULL. Each
        distinct text is hashed once."""
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
                pseudonym = known[text] = carried_over(second.hexdigest()[:32], self.later)
            made.append(pseudonym)
        pseudonyms = pa.array(made, pa.string())
        if not pseudonyms.null_count:
            return pa.DictionaryArray.from_arrays(encoded.indices, pseudonyms)
        return pseudonyms.take(encoded.indices).dictionary_encode()

    def _started(self, prefix: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
        """The two hashes of HMAC (RFC 2104) with all but the identifier in: half the time each."""
        secret = self.secret if len(self.secret) <= 64 else hashlib.sha256(self.secret).digest()
        block = secret.ljust(64, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
        return inner, hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


def rotated(secret: bytes, digest: str) -> str:
    """The pseudonym that takes the place of another one, of which `digest` is the SHA-256 in
    hexadecimal, once a key was rotated with `secret`."""
    return hmac.digest(secret, f"rotated|{digest}".encode(), "sha256").hex()[:32]


def carried_over(pseudonym: str, added: Sequence[bytes]) -> str:
    """What a pseudonym has become once its key was rotated with these secrets, one by one."""
    for secret in added:
        pseudonym = rotated(secret, hashlib.sha256(pseudonym.encode()).hexdigest())
    return pseudonym


def _fingerprint(secrets_: Sequence[bytes]) -> str:
    return hashlib.sha256(b"atmp-rwe key fingerprint|" + b"|".join(secrets_)).hexdigest()[:16]


def load_key(path: Path, *, create: bool, project: str | None = None) -> PseudonymKey:
    """Read the key file, as `project` uses it, or make one when `create` and there is none.

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
    first, *later = _read(path)
    key = PseudonymKey(path, _fingerprint((first, *later)), created, first, tuple(later))
    return key.of_project(project) if project else key


def add_secret(key: PseudonymKey) -> PseudonymKey:
    """The key rotated: its file with one more secret, replaced at once; the ones it had stay.

    KeyFileError: the file cannot be written.
    """
    added = secrets.token_bytes(_BYTES)
    with _writing(key.path, (*_read(key.path), added)) as temporary:
        temporary.replace(key.path)
    return load_key(key.path, create=False, project=key.project)


def _create(path: Path) -> bool:
    """Write a new key, readable by the owner alone from its first byte; False if another run was
    first."""
    try:
        with _writing(path, (secrets.token_bytes(_BYTES),)) as temporary:
            os.link(temporary, path)  # fails if it is there: a key is never overwritten
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def _writing(path: Path, secrets_: Sequence[bytes]) -> Iterator[Path]:
    """A file beside `path` that holds the secrets, to be given its name; gone afterwards."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.writelines(f"{secret.hex()}\n" for secret in secrets_)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise
    except OSError as error:
        raise KeyFileError(
            f"{path}: the pseudonym key cannot be written ({error.strerror}); set "
            "ATMP_RWE_KEY_FILE "
            "to a place outside the home that can be written."
        ) from error


def _read(path: Path) -> list[bytes]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise KeyFileError(f"{path}: not a file; set ATMP_RWE_KEY_FILE to the key file.")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise KeyFileError(
                    f"{path}: the pseudonym key can be read by others than its owner; "
                    f"run `chmod 600 {path}`, and consider it known to them."
                )
            lines = file.read(65_536).split(b"\n")
    except OSError as error:
        raise KeyFileError(
            f"{path}: the pseudonym key cannot be read ({error.strerror})."
        ) from error
    try:
        found = [bytes.fromhex(line.decode("ascii")) for line in lines if line.strip()]
    except ValueError:
        found = []
    if not found or min(map(len, found)) < _BYTES:
        raise KeyFileError(
            f"{path}: not a pseudonym key (at least {2 * _BYTES} hexadecimal digits on a line); "
            "put the project's key back."
        )
    return found
