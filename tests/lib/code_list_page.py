"""The page of code lists: `python -m tests.lib.code_list_page > docs/code-lists.md`.

Belongs here: what each list holds and which facts nobody has checked yet. Not here: the lists.
"""

from __future__ import annotations

import csv
from pathlib import Path

from tests.lib.dbt_project import PROJECT

LISTS = PROJECT / "seeds" / "codelists"
HEAD = """# Code lists

This page is generated from `dbt_project/seeds/codelists/` by
`python -m tests.lib.code_list_page > docs/code-lists.md`; edit the lists, not the page.

Every row says where its fact was taken from (`source`), when it was checked there (`checked_on`)
and whether it was (`verified`). A fact that was not is used all the same, and never presented as a
reference: it is below, until somebody checks it. A product has three facts: `verified` is of its
names, `status_verified` of its status in the EU, `holder_verified` of its marketing holder.

`valid_from` and `valid_to` are days, both included. A code is read whatever the day, and one used
outside them is counted by the test `assert_every_code_is_used_while_it_is_valid` (WARN).
"""


def page() -> str:
    """The page as Markdown."""
    counts, doubtful = [], []
    for path in sorted(LISTS.glob("*.csv")):
        rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
        checked = sum(row["verified"] == "true" for row in rows)
        ends = sum(bool(row["valid_to"]) for row in rows)
        counts.append(f"| `{path.stem}` | {len(rows)} | {checked} | {ends} |")
        doubtful += [line for row in rows for line in _doubtful(path, row)]
    return "\n".join(
        [
            HEAD,
            "| list | rows | verified | no longer valid |",
            "|---|---:|---:|---:|",
            *counts,
            "",
            "## Not verified",
            "",
            "| list | of | fact | from |",
            "|---|---|---|---|",
            *doubtful,
            "",
        ]
    )


def _doubtful(path: Path, row: dict[str, str]) -> list[str]:
    columns = [name for name in row if name not in ("source", "checked_on", "verified")]
    of, *others = columns
    own = ("valid", "status", "holder", "is_")
    told = [row[n] for n in others if row[n] and not n.startswith(own)]
    lines = []
    if row["verified"] == "false":
        lines.append(f"| `{path.stem}` | {row[of]} | {', '.join(told)} | {row['source']} |")
    if row.get("status_verified") == "false":
        status = f"status {row['eu_status']}"
        lines.append(f"| `{path.stem}` | {row[of]} | {status} | {row['status_source']} |")
    if row.get("holder_verified") == "false":
        holder = f"marketing holder {row['holder']}"
        lines.append(f"| `{path.stem}` | {row[of]} | {holder} | {row['holder_source']} |")
    return lines


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
