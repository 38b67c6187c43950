"""The data tests of the dbt project as rows of the catalogue: read from its files, without dbt.

Here: which tests there are, on what, how strict, of which category. Not here: running them, and the
unit tests of derivations, which test SQL and not data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
CONFIG = re.compile(r"config\(severity='(\w+)', meta=\{'kahn': '(\w+)'(?:, 'grain': 'person')?\}\)")
#: What the generic tests ask, in words.
MEANING = {
    "primary_key": "The columns are the key: filled, and no two rows share them.",
    "known_patient": "Every row is about a person of some source.",
    "relationships": "Every value is one of the table it refers to.",
    "accepted_values": "Every value is one of a short list.",
}


@dataclass(frozen=True)
class DataTest:
    """One data test: its name, the tables or model it reads, severity, Kahn category and reason."""

    name: str
    on: str
    severity: str
    category: str
    reason: str


def dbt_tests() -> list[DataTest]:
    """All data tests of the project: the singular ones by name, then the generic ones."""
    return [*_singular(), *sorted(_generic(), key=lambda one: (one.name, one.on))]


def _singular() -> Iterator[DataTest]:
    for path in sorted((PROJECT / "tests").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        config = CONFIG.search(text)
        if config is None:
            raise ValueError(f"{path.name} has no severity and category in its config")
        comment = re.search(r"^(?:-- .*\n)+", text, re.MULTILINE)
        words = re.sub(r"^-- ", "", comment[0], flags=re.MULTILINE) if comment else ""
        sentence = path.stem.removeprefix("assert_").replace("_", " ") + "."
        refs = dict.fromkeys(re.findall(r"ref\('(\w+)'\)", text))
        yield DataTest(
            name=path.stem,
            on=", ".join(refs),
            severity=config[1].upper(),
            category=config[2],
            reason=" ".join(words.split()) or sentence.capitalize(),
        )


def _generic() -> Iterator[DataTest]:
    for folder in ("models", "seeds"):
        for path in sorted((PROJECT / folder).rglob("_*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for node in content.get(folder, ()):
                yield from _of(node["name"], node)
                for column in node.get("columns", ()):
                    yield from _of(f"{node['name']}.{column['name']}", column)


def _of(on: str, node: dict[str, Any]) -> Iterator[DataTest]:
    for test in node.get("data_tests", ()):
        ((name, given),) = test.items()
        columns = given.get("arguments", {}).get("columns")
        yield DataTest(
            name=name,
            on=f"{on} ({', '.join(columns)})" if columns else on,
            severity=given["config"]["severity"].upper(),
            category=given["config"]["meta"]["kahn"],
            reason=MEANING[name],
        )
