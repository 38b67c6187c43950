"""FHIR R4 QuestionnaireResponse, one resource a line: flattened to one row per answered item.

Only the fields of the table `answers` are read, so names, narratives and question texts that a
system puts into the resources go no further than this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.fhir_answers import HEADERS
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, Refusal, text_array
from ingestion.readers.ndjson import cell, objects
from ingestion.readers.streams import open_bytes

_UNFINISHED = ("stopped", "in-progress", "entered-in-error")
_PARENTS = ("parent", "mother", "father", "mth", "fth", "prn")
_MAX_DEPTH = 50

Row = tuple[str | None, ...]


class FhirReader:
    """A file of QuestionnaireResponse resources; bundles of them are opened.

    A response without an answered item is one row without item. `row` numbers are line numbers:
    the rows of one response share theirs.
    """

    headers = HEADERS
    notes: tuple[Note, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        open_bytes(path).close()  # what cannot be opened is said before anything is read

    def chunks(self) -> Chunks:
        """The answers, a batch at a time; a line that is no QuestionnaireResponse is refused."""
        answers: list[Row] = []
        lines: list[int] = []
        refusals: list[Refusal] = []
        for number, item in objects(self._path):
            if item is None:
                refusals.append(Refusal(number, "decode", "the line is not one JSON object"))
                continue
            for resource in _resources(item):
                made = _rows(resource)
                answers += made
                lines += [number] * len(made)
                if not made:
                    reason = "not a readable QuestionnaireResponse"
                    refusals.append(Refusal(number, "decode", reason))
            if len(answers) >= CHUNK_ROWS:
                yield _chunk(answers, lines, refusals)
                answers, lines, refusals = [], [], []
        yield _chunk(answers, lines, refusals)

    def lost(self, _: int, /) -> int:
        """Answers cannot be counted without reading them."""
        return 0


def _chunk(answers: list[Row], lines: list[int], refusals: list[Refusal]) -> Chunk:
    columns = zip(*answers, strict=True) if answers else [[] for _ in HEADERS]
    arrays = tuple(text_array(list(column)) for column in columns)
    return Chunk(arrays, pa.array(lines, pa.int64()), tuple(refusals))


def _resources(item: dict[str, Any]) -> list[dict[str, Any]]:
    if item.get("resourceType") != "Bundle":
        return [item]
    entries = [_object(entry).get("resource") for entry in _list(item.get("entry"))]
    return [resource for resource in entries if isinstance(resource, dict)]


def _rows(resource: dict[str, Any]) -> list[Row]:
    """The rows of one resource; none when it is no QuestionnaireResponse."""
    if resource.get("resourceType") != "QuestionnaireResponse":
        return []
    status = _text(resource.get("status"))
    reason = _extension(resource, "reason") or (status if status in _UNFINISHED else None)
    instrument = (_text(resource.get("questionnaire")) or "").split("|")[0].rstrip("/")
    common = (
        _text(resource.get("id")) or _identifier(resource.get("identifier")),
        _person(resource.get("subject")),
        _text(resource.get("authored")),
        _visit(resource),
        _respondent(resource),
        instrument.rsplit("/", 1)[-1] or None,
    )
    answers = list(_answers(resource)) or [(None, None)]
    return [(*common, item, answer, reason) for item, answer in answers]


def _answers(resource: dict[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """(linkId, answer) of every item that has an answer, groups opened, in order."""
    stack = [(item, 0) for item in reversed(_list(resource.get("item")))]
    while stack:
        item, depth = stack.pop()
        if not isinstance(item, dict) or depth > _MAX_DEPTH:
            continue
        nested = list(_list(item.get("item")))
        for answer in _list(item.get("answer")):
            value = _value(_object(answer))
            if value is not None:
                yield _text(item.get("linkId")), value
            nested += _list(_object(answer).get("item"))
        stack += [(inner, depth + 1) for inner in reversed(nested)]


def _value(holder: dict[str, Any]) -> str | None:
    """The `value[x]` of an answer or extension: a code for a coding, a number for a quantity."""
    for key, value in holder.items():
        if key.startswith("value") and value is not None:
            if isinstance(value, dict):
                return _text(value.get("code") or value.get("value") or value.get("reference"))
            return cell(value)
    return None


def _extension(resource: dict[str, Any], word: str) -> str | None:
    """The value of the first extension whose address ends in a name holding `word`."""
    for extension in _list(resource.get("extension")):
        address = _text(_object(extension).get("url")) or ""
        if word in address.rstrip("/").rsplit("/", 1)[-1].lower():
            return _value(_object(extension))
    return None


def _visit(resource: dict[str, Any]) -> str | None:
    visit = _extension(resource, "visit")
    if visit is not None:
        return visit
    for identifier in _list(resource.get("identifier")):
        if "visit" in (_text(_object(identifier).get("system")) or "").lower():
            return _text(_object(identifier).get("value"))
    return None


def _respondent(resource: dict[str, Any]) -> str | None:
    """Who answered: self, parent or proxy."""
    said = _extension(resource, "respondent")
    if said is not None:
        return said
    source = _object(resource.get("source"))
    if not source:
        return None
    reference = _text(source.get("reference")) or ""
    kind = (_text(source.get("type")) or reference.lstrip("#").rsplit("/", 1)[0]).rsplit("/", 1)[-1]
    # The name of a relative is not read on, only whether it says what the relation is.
    relation = (_text(source.get("display")) or "").strip().lower()
    if kind == "Patient" or relation in ("self", "patient"):
        return "self"
    return "parent" if relation in _PARENTS else "proxy"


def _person(reference: Any) -> str | None:
    """The patient's identifier: the logical one, else the last part of the reference."""
    subject = _object(reference)
    logical = _identifier(subject.get("identifier"))
    if logical:
        return logical
    return (_text(subject.get("reference")) or "").rstrip("/").rsplit("/", 1)[-1] or None


def _identifier(value: Any) -> str | None:
    for identifier in _list(value):
        text = _text(_object(identifier).get("value"))
        if text:
            return text
    return None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
