"""Bytes of a delivered file: opened, decompressed within limits, decoded to UTF-8; no rows here."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from ingestion.archives import MAX_FREE, MAX_RATIO, archive_of, open_member
from ingestion.errors import UnreadableFileError

BLOCK = 1 << 22
REPLACEMENT = "\ufffd"
_REPLACED = REPLACEMENT.encode()
# Accented Latin letters, typographic quotes and the euro sign in UTF-8. Read as cp1252 they are
# pairs that no word has, such as those of "Ã" and a sign.
_LETTER = re.compile(rb"[\xc3\xc5][\x80-\xbf]|\xe2\x80[\x90-\xa6]|\xe2\x82\xac")
_DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError)


@contextmanager
def unreadable(name: str) -> Iterator[None]:
    """Turn what the standard library says of a broken file into one sentence without its
    content."""
    try:
        yield
    except _DAMAGED as error:
        raise UnreadableFileError(
            f"{name}: the compressed file is damaged or was copied in part; deliver it again."
        ) from error
    except UnicodeError as error:
        raise UnreadableFileError(
            f"{name}: is not in the encoding that is declared; correct `csv.encoding`."
        ) from error
    except OSError as error:
        raise UnreadableFileError(f"{name}: cannot be read ({error.strerror or error}).") from error


class _Limited(io.RawIOBase):
    """A decompressed stream that refuses to grow out of proportion to its file."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self._stream, self._name, self._limit = stream, name, max(size * MAX_RATIO, MAX_FREE)
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self._stream.read(len(view))
        self._seen += len(data)
        if self._seen > self._limit:
            raise UnreadableFileError(
                f"{self._name}: expands to more than {MAX_RATIO} times its size; deliver it "
                "uncompressed if that is right."
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def is_plain(path: Path) -> bool:
    """Whether a path can be opened as it is: neither compressed nor in an archive."""
    return path.suffix.lower() != ".gz" and archive_of(path) is None


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, through gzip when its name ends so; or a member of a zip archive."""
    member = archive_of(path)
    if member:
        # What a member may expand to was judged with its archive; zipfile reads no further.
        return open_member(*member)
    if path.suffix.lower() != ".gz":
        return path.open("rb")
    stream = cast(BinaryIO, gzip.GzipFile(path, "rb"))
    return io.BufferedReader(_Limited(stream, path.name, path.stat().st_size), BLOCK)


@dataclass
class Damage:
    """What was seen in the bytes decoded so far, to spare clean files the search for it."""

    undecodable: bool = False
    mixed: bool = False  # UTF-8 in a file that is read in an encoding of one byte a character
    nul: bool = False
    quotes: bool = False
    lines: int = 0  # line feeds, and a last line without one


class Utf8Stream(io.RawIOBase):
    """A byte stream in any encoding, read as UTF-8; an undecodable byte becomes U+FFFD and is
    noted."""

    def __init__(self, stream: BinaryIO, encoding: str, *, old_line_ends: bool = False) -> None:
        self.damage = Damage()
        self._stream = stream
        self._old_line_ends = old_line_ends
        self._decoder = codecs.getincrementaldecoder(encoding)("atmp_rwe_note")
        self._ascii = _is_ascii_in(encoding)
        self._single = len("é".encode().decode(encoding, "replace")) == 2
        # The first block may open with a mark, which only the decoder takes off.
        self._same_as_ascii = False
        self._ready = memoryview(b"")
        self._whole = True  # what was given ends with a line
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._ready and not self._ended:
            self._fill()
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _fill(self) -> None:
        raw = self._stream.read(BLOCK)
        self._ended = not raw
        if self._same_as_ascii and raw.isascii() and not self._decoder.getstate()[0]:
            self.damage.nul |= b"\0" in raw
            self.damage.quotes |= b'"' in raw
            self._give(raw.replace(b"\r", b"\n") if self._old_line_ends else raw)
            return
        self._same_as_ascii = self._ascii
        _undecodable.clear()
        text = self._decoder.decode(raw, final=self._ended)
        self.damage.undecodable |= bool(_undecodable)
        self.damage.mixed |= self._single and _LETTER.search(raw) is not None
        self.damage.nul |= "\0" in text
        self.damage.quotes |= '"' in text
        if self._old_line_ends:
            text = text.replace("\r", "\n")
        self._give(text.encode("utf-8", "replace"))

    def _give(self, text: bytes) -> None:
        self._ready = memoryview(text)
        if text:
            self.damage.lines += _line_feeds(text) + self._whole - text.endswith(b"\n")
            self._whole = text.endswith(b"\n")

    def close(self) -> None:
        self._stream.close()
        super().close()


def _line_feeds(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n")))  # twice as fast


def _is_ascii_in(encoding: str) -> bool:
    """Whether bytes below 128 are themselves in an encoding, whatever stands before them."""
    every = bytes(range(128))
    try:
        return every.decode(encoding) == every.decode("ascii")
    except UnicodeError:
        return False


_undecodable: list[int] = []


def _note(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    if len(_undecodable) < 1 << 20:
        _undecodable.append(error.end - error.start)
    return REPLACEMENT, error.end


codecs.register_error("atmp_rwe_note", _note)


def sniff_encoding(path: Path) -> str:
    """The encoding of a file: its byte order mark, else UTF-8 if most of what is not ASCII is,
    else cp1252.

    The whole file is looked at: the first accent may come late. A few bytes that are not UTF-8 in
    a file that otherwise is do not make it cp1252: their rows are refused instead of garbling all
    the others.
    """
    with open_bytes(path) as stream:
        start = stream.read(BLOCK)
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if start.startswith(mark):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        wide, bad, block = 0, 0, start
        while block:
            if not block.isascii():
                # Every multi-byte character makes the text shorter than its bytes.
                text = decoder.decode(block)
                wide += len(block) - len(text)
                bad += text.count(REPLACEMENT) - block.count(_REPLACED)
            block = stream.read(BLOCK)
    return "utf-8" if wide >= 4 * bad else "cp1252"
