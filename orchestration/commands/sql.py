"""``atmp-rwe sql``: a small read-only shell on the current release."""

from __future__ import annotations

import argparse

from orchestration.commands.query import LAYOUT, connect
from orchestration.settings import Settings
from orchestration.tabular import printable, table

LONGEST = 200


def run(settings: Settings, options: argparse.Namespace) -> int:
    import duckdb

    con = connect(settings)
    print("Read-only. End a statement with ;  and the shell with Ctrl-D. Try: show all tables;")
    statement = ""
    while True:
        try:
            statement += input("atmp-rwe> " if not statement else "     ...> ") + "\n"
        except EOFError:
            print()
            return 0
        if not statement.rstrip().endswith(";"):
            continue
        try:
            cursor = con.execute(statement)
            names = [column[0] for column in cursor.description or []]
            rows = cursor.fetchmany(LONGEST)
            print(table([dict(zip(names, row, strict=True)) for row in rows]))
        except duckdb.Error as error:
            print(printable(str(error), LAYOUT))
        statement = ""
