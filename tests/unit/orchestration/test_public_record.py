"""Deliveries and checks of a public release: no rows, no words of a file, no small counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analyses.disclosure import DEFAULT_THRESHOLD, SuppressionPolicy
from analyses.report import render
from orchestration import provenance, public_record
from orchestration.commands import summary
from orchestration.ledger import CheckRow, Ledger
from orchestration.settings import Settings

K = DEFAULT_THRESHOLD
PERSON = "M. Dupont Jean"
FILE = {
    "name": f"assessments_{PERSON}.csv",
    "table": "assessments",
    "sha256": "ab" * 32,
    "bytes": 3456,
    "read": 79,
    "loaded": 78,
    "quarantined": 1,
    "erased": 0,
    "columns": {"patient_id": "NO_PATIENT", PERSON: PERSON},
}
FINDING = {
    "severity": "ERROR",
    "rule": "type",
    "table": "assessments",
    "column": PERSON,
    "message": "1 row quarantined (first: row 25)",
    "file": FILE["name"],
    "row": 25,
    "count": 1,
}
DELIVERY = {
    "source": "registry",
    "delivery": "2026-06-30",
    "sha8": "abababab",
    "status": "accepted",
    "synthetic": False,
    "loaded_at": "2026-07-01T00:00:00Z",
    "key_fingerprint": "12",
    "files": [FILE],
    "tables": ["assessments"],
    "findings": [FINDING],
    "read": 79,
    "loaded": 78,
    "quarantined": 1,
    "erased": 0,
}
OF_DEATHS = CheckRow(
    "marts", "patient", "death_has_a_date", "WARN", "warned", 79, 1, 1 / 79, "Survival needs it."
)
OF_A_FILE = CheckRow(
    *("landing", "registry/2026-06-30/assessments", f"column_unknown: {PERSON}", "WARN"),
    *("warned", None, 1, None, f"{FILE['name']}: 1 row quarantined (first: row 25)"),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(Settings.from_environment({}, home=tmp_path), "run")
    inputs = {"synthetic": False, "fingerprint": "f", "as_of": None, "like": None}
    inputs |= {"left_out": [], "differs": []}
    rejected = {**DELIVERY, "status": "rejected"}
    made.write("inputs", {**inputs, "deliveries": [DELIVERY], "rejected": [rejected]})
    made.write_checks("marts", [OF_DEATHS, OF_A_FILE])
    return made


def composed(ledger: Ledger, policy: SuppressionPolicy | None) -> dict:
    return provenance.compose("id", datetime(2026, 7, 1, tzinfo=UTC), ledger, (), policy)


def test_a_public_manifest_tells_no_row_no_file_name_and_no_header(ledger: Ledger) -> None:
    exact, public = composed(ledger, None), composed(ledger, SuppressionPolicy())
    assert exact["deliveries"] == [DELIVERY]
    for told in (*public["deliveries"], *public["rejected"]):
        assert [told[name] for name in ("source", "delivery", "sha8")] == [
            DELIVERY[name] for name in ("source", "delivery", "sha8")
        ]
        assert told.keys() == DELIVERY.keys()
        assert told["files"][0].keys() == FILE.keys()
        assert told["files"][0]["table"] == "assessments"
        assert told["findings"] == []
        numbers = ("read", "loaded", "quarantined", "erased")
        assert [told[name] for name in numbers] == [None] * 4
        assert [told["files"][0][name] for name in ("bytes", *numbers)] == [None] * 5
    assert "Dupont" not in json.dumps(public)
    assert public.keys() == exact.keys()
    assert public["suppression"]["threshold"] == K
    assert "withheld" in public["suppression"]["deliveries"]


def test_a_public_report_tells_no_row_no_file_name_and_no_header(ledger: Ledger) -> None:
    pages = {}
    for policy in (None, SuppressionPolicy()):
        told = provenance.shown_checks(ledger, policy)
        frame = pd.DataFrame([row.__dict__ for row in told])
        pages[policy] = render([], {}, composed(ledger, policy), frame)
    exact, public = pages.values()
    for secret in ("Dupont", "row 25", ">79<", ">78<"):
        assert secret in exact, secret
        assert secret not in public, secret
    assert "death_has_a_date" in public
    for said in ("Rows are withheld", "both also stand for what is withheld"):
        assert said in public, said
        assert said not in exact, said


@pytest.mark.parametrize(
    ("unexpected", "told"),
    [(None, None), (0, 0), (1, None), (K - 1, None), (K, K), (K + 1, K), (2 * K - 1, 2 * K)],
)
def test_few_unexpected_rows_are_not_told(unexpected: int | None, told: int | None) -> None:
    row = replace(OF_DEATHS, n_unexpected=unexpected)
    shown = public_record.checks([row], SuppressionPolicy(K))
    assert shown == [replace(row, n_rows=None, n_unexpected=told, share_unexpected=None)]


def test_what_a_contract_found_is_told_once_by_rule_and_table() -> None:
    other = replace(OF_A_FILE, check="column_unknown: another header")
    (shown,) = public_record.checks([OF_A_FILE, other], SuppressionPolicy())
    assert (shown.table, shown.check) == ("registry/2026-06-30/assessments", "column_unknown")
    assert (shown.n_unexpected, shown.status) == (None, "warned")
    assert "row 25" not in shown.reason


def test_what_counts_diagnostics_is_kept() -> None:
    row = CheckRow("evaluations", "study", "number_at_risk", "WARN", "warned", 3, 1, None, "why")
    assert public_record.checks([row], SuppressionPolicy()) == [row]


def test_a_run_that_makes_a_public_release_can_be_summed_up(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = Settings.from_environment({}, home=tmp_path)
    assert summary.show(settings, composed(ledger, SuppressionPolicy())) == summary.REJECTED
    printed = capsys.readouterr().out
    assert "withheld" in printed
    assert "it breaks its contract" in printed
    summary.show(settings, composed(ledger, None))
    assert "79 read = 78 loaded + 1 quarantined" in capsys.readouterr().out
