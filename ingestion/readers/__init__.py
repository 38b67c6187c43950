"""Readers: one delivered file in, chunks of text columns out, whatever the file format.

A reader knows file formats, not contracts: it never renames, types, drops or pseudonymises a
column.
"""

from __future__ import annotations

from ingestion.readers.ahead import ahead
from ingestion.readers.base import Chunk, NeedsCareError, Note, Reader, Refusal
from ingestion.readers.opening import KINDS, is_text, kind_of, open_reader

__all__ = [
    "KINDS",
    "Chunk",
    "NeedsCareError",
    "Note",
    "Reader",
    "Refusal",
    "ahead",
    "is_text",
    "kind_of",
    "open_reader",
]
