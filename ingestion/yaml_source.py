"""YAML read with the line of every key, so that an error can say where it is; no schema here.

Every scalar stays the text that was written: YAML's own guesses would turn the code `NO` into
False and `01` into 1. The schema that reads the document turns text into numbers and dates where
it wants them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from ingestion.errors import ContractError

_LONGEST, _DEEPEST = 1_000_000, 20
_OPENS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

Location = tuple[str | int, ...]
Value = str | None | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Document:
    """A YAML mapping and the line (from 1) at which each of its keys and items stands."""

    path: Path
    content: dict[str, Value]
    lines: Mapping[Location, int]

    def line(self, location: Location) -> int:
        """The line of the deepest part of `location` that is in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


def read(path: Path) -> Document:
    """Read one YAML mapping; ContractError names file and line when it is not one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        _refuse_traps(path, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(
            f"{path}: cannot be read as UTF-8 text ({type(error).__name__})."
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise ContractError(f"{path}, line {line}: {problem}; check indents and quotes.") from error
    if not isinstance(node, yaml.MappingNode):
        raise ContractError(
            f"{path}, line 1: a contract is a mapping of keys, such as `source: NAME`."
        )
    lines: dict[Location, int] = {}
    content = _mapping(node, (), lines, path)
    return Document(path, content, lines)


def _refuse_traps(path: Path, text: str) -> None:
    """A contract needs no alias and little depth; what they expand to could fill the memory."""
    if len(text) > _LONGEST:
        raise ContractError(f"{path}: longer than {_LONGEST:,} characters: this is no contract.")
    depth = 0
    for token in yaml.scan(text):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
            raise ContractError(f"{path}, line {line}: write the value out, without `&` or `*`.")
        if isinstance(token, _OPENS):
            depth += 1
        elif isinstance(token, _CLOSES):
            depth -= 1
        if depth > _DEEPEST:
            raise ContractError(f"{path}, line {line}: nested more than {_DEEPEST} deep.")


def _mapping(
    node: yaml.MappingNode, location: Location, lines: dict[Location, int], path: Path
) -> dict[str, Value]:
    content: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ContractError(f"{path}, line {line}: a key must be a plain text.")
        key = str(key_node.value)
        if key in content:
            raise ContractError(f"{path}, line {line}: key `{key}` is given twice; keep one.")
        lines[(*location, key)] = line
        content[key] = _value(value_node, (*location, key), lines, path)
    return content


def _value(node: yaml.Node, location: Location, lines: dict[Location, int], path: Path) -> Value:
    if len(location) > 20:  # an alias that holds itself
        raise ContractError(f"{path}, line {node.start_mark.line + 1}: nested too deeply.")
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, location, lines, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*location, i), lines, path) for i, item in enumerate(node.value)]
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    if plain and node.value in ("", "~", "null", "Null", "NULL"):
        return None
    return str(node.value)
