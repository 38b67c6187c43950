"""The models as another engine than DuckDB reads them: rendered with the macros of Spark.

Here: a small stand-in for dbt that renders a file of the project with every macro of the project
dispatched to `spark__` or `default__`, in milliseconds and without an adapter. Not here: whether
Spark runs them (benchmarks/spark_build.py), nor what they may hold (tests/conventions).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from tests.lib.dbt_project import PROJECT

MACRO = re.compile(r"({%-?\s*macro (\w+).*?{%-?\s*endmacro\s*-?%})", re.DOTALL)


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def _return(value: Any) -> None:
    raise _Returned(value)


class _Dbt:
    """The few macros of dbt that the project calls, in words that Spark reads."""

    def type_string(self) -> str:
        return "string"

    def hash(self, field: str) -> str:
        return f"md5(cast({field} as string))"

    def datediff(self, first: str, second: str, datepart: str) -> str:
        assert datepart == "day"
        return f"datediff({second}, {first})"


class _Adapter:
    """Finds the macro of Spark, else the one of no engine in particular."""

    def __init__(self, macros: dict[str, Callable[..., Any]]) -> None:
        self._macros = macros

    def dispatch(self, name: str, package: str) -> Callable[..., Any]:
        return self._macros.get(f"spark__{name}") or self._macros[f"default__{name}"]


def _called(environment: jinja2.Environment, text: str, name: str) -> Callable[..., Any]:
    template = environment.from_string(text)

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            macro = getattr(template.module, name)
            return str(macro(*arguments, **named)).strip()
        except _Returned as returned:
            return returned.value

    return call


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    macros: dict[str, Callable[..., Any]] = {}
    for path in sorted((PROJECT / "macros").rglob("*.sql")):
        # Each alone, so that one that calls its neighbour calls it as dbt would, with a `return`.
        for text, name in MACRO.findall(path.read_text()):
            macros[name] = _called(environment, text, name)
    environment.globals.update(
        macros,
        adapter=_Adapter(macros),
        dbt=_Dbt(),
        ref=lambda name: name,
        source=lambda schema, name: f"{schema}.{name}",
        config=lambda **named: "",
        execute=False,  # Spark builds everybody: what a build of changed persons adds is DuckDB's
        **{"return": _return},
    )
    return environment


def rendered(text: str) -> str:
    """SQL of a text that calls the macros of the project."""
    return _environment().from_string(text).render()


@cache
def rendered_models() -> dict[str, str]:
    """name -> SQL of every model and singular test that is written in SQL."""
    environment = _environment()
    paths: list[Path] = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").glob("*.sql")]
    return {path.stem: environment.from_string(path.read_text()).render() for path in paths}
