"""The trial portfolio: every trial as it is, its dirt, and the participants other sources name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.trials import TRIAL_OF
from tests.lib.harmonised import Harmonised

STATUS = {
    "NOT_YET_RECRUITING": "planned",
    "RECRUITING": "recruiting",
    "ACTIVE_NOT_RECRUITING": "closed_to_recruitment",
    "COMPLETED": "completed",
    "TERMINATED": "terminated",
}
SPOILT = ("malformed_number", "closed_before_opened", "unknown_code.trial_status")


def booked(harmonised: Harmonised, kind: str) -> list[str]:
    rows = pd.read_parquet(harmonised.home / "truth" / "dirt_rows.parquet")
    last = rows["delivery"] == rows["delivery"].max()
    of_kind = (rows["source"] == "trials") & (rows["kind"] == kind)
    return sorted(rows.loc[last & of_kind, "national_number"])


def test_every_trial_is_as_its_latest_update_says(harmonised: Harmonised):
    true = harmonised.truth("trials").set_index("trial_id").sort_index()
    found = harmonised.con.execute("select * from marts.trial").df().set_index("trial_id")
    spoilt = {number for kind in SPOILT for number in booked(harmonised, kind)}
    clean = [number for number in true.index if number not in spoilt]
    assert len(found) == len(true) and len(clean) > 40
    true, found = true.loc[clean], found.loc[clean]
    assert found["status"].tolist() == true["status"].map(STATUS).tolist()
    assert found["product"].tolist() == true["product"].tolist()
    assert found["indication"].tolist() == true["indication"].tolist()
    assert found["n_centres"].tolist() == [len(centres) for centres in true["centres"]]
    assert found["centres"].tolist() == [", ".join(centres) for centres in true["centres"]]
    assert found["opening_date"].tolist() == true["opening_date"].tolist()
    closed = (frame["closing_date"].astype("datetime64[s]") for frame in (found, true))
    pd.testing.assert_series_equal(*closed)
    assert found["closing_date"].notna().sum() > 10
    assert found["actual_enrolment"].tolist() == true["actual"].tolist()


def test_its_dirt_is_found_to_the_last_row(harmonised: Harmonised):
    table = "trials__trials"
    refused = harmonised.refused("trials")
    checked = harmonised.checked
    copies = harmonised.copies(table)
    # Both rows of a pair count as repeated, those of a copied row among them.
    pairs, rest = divmod(checked[table, "rows_not_repeated"], 2)
    assert rest == 0
    found = {
        "duplicate_rows.trials": copies,
        "told_twice": pairs - copies,
        "not_an_object": refused.pop("decode"),
        "key_missing": refused.pop("key_missing"),
        "unreadable_date": refused.pop("type"),
        "unknown_code.trial_status": harmonised.unmapped("trials", "trial_status"),
        "malformed_number": checked[table, "trial_id_form"],
        "closed_before_opened": checked[table, "closing_not_before_opening"],
        "missing_value.planned_enrolment": checked[table, "planned_enrolment_given"],
    }
    assert found == harmonised.dirt["trials"]
    assert min(found.values()) >= 1
    assert refused == {}


def test_no_code_but_the_planted_one_is_unmapped(harmonised: Harmonised):
    found = harmonised.con.execute(
        "select code_list, code from marts.unmapped_code where source = 'trials'"
    ).fetchall()
    assert found == [("trial_status", "ON_AIR")]


def test_participants_are_those_the_registry_names(harmonised: Harmonised):
    patients = pd.read_parquet(harmonised.home / "truth" / "gene_therapy_registry.parquet")
    delivered = harmonised.con.execute(
        "select patient_id from marts.patient where source = 'gene_therapy_registry'"
    ).df()["patient_id"]
    patients["pseudonym"] = [
        harmonised.key.pseudonym("national_patient_number", "patient", number)
        for number in patients["national_number"]
    ]
    joined = patients[patients["pseudonym"].isin(delivered) & (patients["trial_id"] != "")]
    links = harmonised.con.execute("select * from marts.trial_participation").df()
    assert sorted(zip(links["patient_id"], links["trial_id"], strict=True)) == sorted(
        zip(joined["pseudonym"], joined["trial_id"], strict=True)
    )
    counts = dict(
        harmonised.con.execute(
            "select trial_id, n_participants from marts.trial where n_participants > 0"
        ).fetchall()
    )
    assert counts == joined["trial_id"].value_counts().to_dict()
    assert set(counts) == set(TRIAL_OF.values())
    assert np.sum(list(counts.values())) > 20


def test_nobody_to_write_to_reaches_raw(harmonised: Harmonised):
    scanned = 0
    for folder in ("raw", "quarantine"):
        for path in (harmonised.home / folder / "trials").rglob("*"):
            if path.is_file():
                content = path.read_bytes() + (
                    repr(pd.read_parquet(path).to_dict()).encode()
                    if path.suffix == ".parquet"
                    else b""
                )
                assert b"example.org" not in content and "Dr Inventé".encode() not in content
                scanned += 1
    assert scanned >= 4
