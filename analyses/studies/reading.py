"""Study files read from YAML: every complaint names file, line, key and the nearest right key.

Belongs here: YAML, line numbers, duplicates. Does not belong here: what a study may say
(specification.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from analyses.studies.errors import StudyError
from analyses.studies.part import parts_of
from analyses.studies.reference_file import context_of
from analyses.studies.specification import Study
from analyses.studies.vocabulary import nearest

_LONGEST, _DEEPEST = 100_000, 10
_OPENS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
BUILT_IN = Path(__file__).resolve().parent
_PARTS: dict[tuple[str, ...], type[BaseModel]] = parts_of(Study)


def built_in_studies() -> tuple[Path, ...]:
    """The study files that come with the project, sorted by name."""
    return tuple(sorted(BUILT_IN.glob("*.yml")))


def load_study(path: Path) -> Study:
    """The study of one YAML file; StudyError (one sentence: file, line, key, remedy) otherwise."""
    path = Path(path)
    root = _compose(path)
    values = _values(path, root)
    try:
        return Study.model_validate(values, context=context_of(path))
    except ValidationError as problem:
        raise StudyError(_sentence(path, root, problem.errors())) from None


def load_studies(paths: Iterable[Path]) -> tuple[Study, ...]:
    """The studies of several files, in the order given; an id used twice names both files."""
    seen: dict[str, Path] = {}
    studies = []
    for path in paths:
        study = load_study(Path(path))
        if study.id in seen:
            raise StudyError(
                f"{path}: the study id `{study.id}` is already that of {seen[study.id]}; "
                "give one of them another id"
            )
        seen[study.id] = Path(path)
        studies.append(study)
    return tuple(studies)


def _compose(path: Path) -> yaml.MappingNode:
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_traps(path, text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such study file") from None
    except (OSError, UnicodeDecodeError):
        raise StudyError(f"{path}: cannot be read as UTF-8 text") from None
    except yaml.YAMLError as problem:
        raise StudyError(f"{path}{_mark(problem)}: not valid YAML") from None
    if not isinstance(root, yaml.MappingNode):
        raise StudyError(f"{path}: a study file is a list of `key: value` lines, at least `id`")
    try:
        repeated = list(_repeated_keys(root))
    except TypeError:
        raise StudyError(f"{path}: a key or a tagged value is not plain text or a number") from None
    for node, key in repeated:
        raise StudyError(f"{path}, line {node.start_mark.line + 1}: key `{key}` is given twice")
    return root


def _refuse_traps(path: Path, text: str) -> None:
    """A study needs no alias, no depth and no bulk; a file that has them is a mistake or a trap."""
    if len(text) > _LONGEST:
        raise StudyError(f"{path}: longer than {_LONGEST:,} characters: this is no study file")
    depth = 0
    for token in yaml.scan(text):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
            raise StudyError(f"{path}, line {line}: write the value out, without `&` or `*`")
        if isinstance(token, _OPENS):
            depth += 1
        elif isinstance(token, _CLOSES):
            depth -= 1
        if depth > _DEEPEST:
            raise StudyError(f"{path}, line {line}: nested more than {_DEEPEST} deep")


def _values(path: Path, root: yaml.Node) -> Any:
    for node in _scalars(root):
        if node.tag == "tag:yaml.org,2002:timestamp":
            try:
                dt.date.fromisoformat(node.value)
            except ValueError:
                raise StudyError(
                    f"{path}, line {node.start_mark.line + 1}: `{node.value}` is no date; "
                    "write YYYY-MM-DD"
                ) from None
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise StudyError(f"{path}{_mark(problem)}: not a plain YAML value") from None
    except (TypeError, ValueError, OverflowError):
        raise StudyError(f"{path}: a key or a tagged value is not plain text or a number") from None


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value)


def _mark(problem: Exception) -> str:
    mark = getattr(problem, "problem_mark", None)
    return "" if mark is None else f", line {mark.line + 1}"


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key, key.value
            seen.add(key.value)
            yield from _repeated_keys(value)


def _locate(root: yaml.Node, location: Sequence[int | str]) -> int:
    """The line (from 1) of the deepest node that a pydantic error location reaches."""
    node, line = root, root.start_mark.line
    for step in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _sentence(path: Path, root: yaml.Node, errors: list[ErrorDetails]) -> str:
    # A list whose only item is wrong is also reported as too short: the item is the cause.
    causes = [error for error in errors if error["type"] != "too_short"] or errors
    # A mistyped key is the cause of the one that is missing.
    located = sorted(
        ((_locate(root, error["loc"]), error) for error in causes),
        key=lambda found: (found[0], found[1]["type"] != "extra_forbidden"),
    )
    line, first = located[0]
    more = f" (and {len(located) - 1} more)" if len(located) > 1 else ""
    return f"{path}, line {line}{_complaint(first)}{more}"


def _complaint(error: ErrorDetails) -> str:
    location = [str(step) for step in error["loc"]]
    key = ".".join(step for step in location if not step.isdigit())
    where = f", key `{key}`" if key else ""
    if error["type"] == "extra_forbidden":
        part = _PARTS.get(tuple(step for step in location[:-1] if not step.isdigit()))
        known = list(part.model_fields) if part is not None else []
        return f"{where}: unknown key{nearest(location[-1], known)}"
    if error["type"] == "missing":
        return f"{where}: this key is required"
    if error["type"] == "string_pattern_mismatch":
        return f"{where}: only lower-case letters, digits and _ are allowed"
    if error["type"].startswith("date"):
        return f"{where}: not a date; write it as YYYY-MM-DD"
    return f"{where}: {_plain(error['msg'])}"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
