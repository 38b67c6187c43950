"""Contract files: found, read, validated, and their errors said with file, line and key."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ingestion import yaml_source
from ingestion.contract_parts import ColumnContract, CsvFormat, Revision, TableContract
from ingestion.contracts import Contract
from ingestion.errors import ContractError


def load_contracts(directories: Sequence[Path]) -> dict[str, Contract]:
    """Read every `*.yml` of the folders; a later folder overrides an earlier one, source by source.

    A folder that does not exist counts as empty. ContractError: a file breaks the schema, or two
    files of one folder describe the same source.
    """
    contracts: dict[str, Contract] = {}
    for directory in directories:
        found: dict[str, Path] = {}
        paths = [p for p in directory.glob("*.y*ml") if p.suffix in (".yml", ".yaml")]
        for path in sorted(paths):
            contract = read_contract(path)
            if contract.source in found:
                raise ContractError(
                    f"{path}: source `{contract.source}` is already described in "
                    f"{found[contract.source].name}; keep one of the two files."
                )
            found[contract.source] = path
            contracts[contract.source] = contract
    return contracts


def read_contract(path: Path) -> Contract:
    """Read and validate one contract file."""
    document = yaml_source.read(path)
    try:
        return Contract.model_validate(document.content)
    except ValidationError as error:
        problems = [_sentence(document, detail) for detail in error.errors(include_url=False)]
        raise ContractError("\n".join(dict.fromkeys(problems))) from None


def _sentence(document: yaml_source.Document, detail: Any) -> str:
    location = tuple(part for part in detail["loc"] if part != "[key]")
    location += tuple(detail.get("ctx", {}).get("at", ()))
    where = f"{document.path}, line {document.line(location)}"
    key = ".".join(str(part) for part in location)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key `{key}`; {_nearest(location)}"
    if detail["type"] == "missing":
        return f"{where}: key `{key}` is missing; add it."
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        message = "a name is made of a-z, 0-9 and _, and begins with a letter"
    subject = f"key `{key}`: " if key else ""
    return f"{where}: {subject}{message[:1].lower() + message[1:]}."


def _nearest(location: tuple[str | int, ...]) -> str:
    known = _known_keys(location[:-1])
    close = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known keys here: {', '.join(known)}."


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = Contract
    if location[:1] == ("csv",):
        model = CsvFormat
    elif location[:1] == ("revisions",):
        model = Revision
    elif location[:1] == ("tables",):
        model = ColumnContract if len(location) > 2 else TableContract
    return [field.alias or name for name, field in model.model_fields.items()]
