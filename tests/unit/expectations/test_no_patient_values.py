"""Nothing of a patient gets out, and nothing goes over the network."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import expectations
from expectations.suites import SUITES
from tests.lib.expectation_tables import TABLES, spoil

REPOSITORY = Path(__file__).resolve().parents[3]
TEXT, NUMBER, DAY = "ZZDUPONTZZ", 86421357, "2031-07-19"
PLANTED = {
    "VARCHAR": f"'{TEXT}'",
    "INTEGER": str(NUMBER),
    "BIGINT": str(NUMBER),
    "DOUBLE": str(NUMBER),
    "DATE": f"DATE '{DAY}'",
    "TIMESTAMP": f"TIMESTAMP '{DAY} 01:02:03'",
}
# What the joins between tables and the dates of deliveries stand on.
KEPT = {"_source", "_delivery", "source", "delivery_date", "endpoint"}


def plant(con: duckdb.DuckDBPyConnection) -> int:
    """Recognisable values in every column of the first rows; the number of columns planted."""
    planted = 0
    for table in TABLES:
        columns = con.execute(f"DESCRIBE {table}").fetchall()
        changes = [
            f"{name} = {PLANTED[kind]}"
            for name, kind, *_ in columns
            if kind in PLANTED and name not in KEPT
        ]
        if changes:
            spoil(con, table, ", ".join(changes), where="rowid < 8")
        planted += len(changes)
    return planted


def test_no_value_in_outcomes_pages_or_logs(
    own: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
):
    pseudonyms = [row[0] for row in own.execute("SELECT patient_id FROM marts.patient").fetchall()]
    assert plant(own) > 150
    with caplog.at_level(logging.DEBUG):
        outcomes = (*expectations.validate("raw", own), *expectations.validate("marts", own))
        folder = expectations.write_data_docs(outcomes, tmp_path / "docs").parent
    captured = capfd.readouterr()
    written = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.html")}
    told = {
        "outcomes": repr(outcomes).encode(),
        "logs": caplog.text.encode(),
        "output": (captured.out + captured.err).encode(),
        "warnings": "".join(str(w.message) for w in recwarn).encode(),
        **written,
    }
    assert sum(not o.passed for o in outcomes) > 100
    assert len(written) == 2 * len(SUITES) + 1
    secrets = (TEXT, TEXT.lower(), str(NUMBER), "8.642", DAY, "19/07/2031", *pseudonyms)
    for place, content in told.items():
        for secret in secrets:
            assert secret.encode() not in content, f"{place} tells a value"


OFFLINE_RUN = """
import socket, sys, pathlib

def refused(*args, **kwargs):
    raise SystemExit("the network was asked for")

socket.socket.connect = socket.socket.connect_ex = refused
socket.getaddrinfo = socket.create_connection = refused
import expectations
from tests.lib.expectation_tables import database

con = database()
outcomes = expectations.validate("marts", con)
expectations.write_data_docs(outcomes, pathlib.Path(sys.argv[1]))
"""


def test_no_network_and_nothing_written_elsewhere(tmp_path: Path):
    home, docs = tmp_path / "home", tmp_path / "docs"
    (home / "tmp").mkdir(parents=True)
    # A fresh process, so that importing the library is watched, too.
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE_RUN, str(docs)],
        cwd=REPOSITORY,
        env={"HOME": str(home), "TMPDIR": str(home / "tmp"), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (docs / "index.html").is_file()
    assert list(home.rglob("*")) == [home / "tmp"]
