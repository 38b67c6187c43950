"""Simulated deliveries read with the standard library alone, as a stranger would read them."""

import csv
import io
import json
from pathlib import Path
from typing import Any


def delivered(path: Path) -> list[dict[str, str]]:
    """Rows of one CSV file of the CAR-T registry."""
    text = path.read_bytes().decode("cp1252")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def follow_up(folder: Path) -> list[dict[str, str]]:
    return [row for path in sorted(folder.glob("suivi_*.csv")) for row in delivered(path)]


def lines(folder: Path) -> list[str]:
    return [
        line
        for path in sorted(folder.glob("*.ndjson"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def decoded(folder: Path) -> list[dict[str, Any]]:
    """The lines that are JSON."""
    out = []
    for line in lines(folder):
        try:
            out.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return out


def truth(home: Path, name: str) -> Any:
    return json.loads((home / "truth" / name).read_text(encoding="utf-8"))
