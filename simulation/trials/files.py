"""Writes one delivery of the trial portfolio: a JSON array of trials, and its dirt."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulation.calendar import iso
from simulation.planting import Ledger, amount
from simulation.streams import stream
from simulation.trials.portfolio import known

KINDS = {
    "duplicate_rows.trials": "trials that are exact copies of another entry",
    "told_twice": "older entries of trials that are there with their present state too",
    "not_an_object": "entries that are no object but a text: quarantined at the door",
    "key_missing": "copies of entries without a registration number: quarantined",
    "unreadable_date": "copies of entries opened on 30 February: quarantined",
    "unknown_code.trial_status": "trials with a status in no code list",
    "malformed_number": "trials whose registration number has lost its hyphens",
    "closed_before_opened": "trials whose recruitment closed before it opened",
    "missing_value.planned_enrolment": "trials without a planned number of participants",
}


def write(folder: Path, trials: pd.DataFrame, delivery: dt.date, seed: int) -> Ledger:
    """Writes trial_portfolio.json; returns the planted dirt, trials by registration number.

    The first three trials, which patients of the gene therapy registry take part in, stay clean.
    """
    rng = stream(seed, "trials.dirt", delivery.isoformat())
    entries = _entries(known(trials, delivery), delivery)
    folder.mkdir(parents=True)
    ledger = Ledger(KINDS)
    content = _spoil(entries, delivery, ledger, rng)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / "trial_portfolio.json").write_bytes(text.encode())
    return ledger


def _entries(frame: pd.DataFrame, delivery: dt.date) -> list[dict[str, Any]]:
    """One JSON object a trial; the person to write to is in it, as such lists have it."""
    opening = iso(frame["opening_date"].to_numpy())
    closing = iso(frame["closing_date"].to_numpy())
    return [
        {
            "registrationNumber": row.trial_id,
            "nctNumber": row.nct_number,
            "title": row.title,
            "phase": row.phase,
            "sponsorType": row.sponsor_type,
            "product": row.product,
            "indication": row.indication,
            "status": row.status,
            "centres": row.centres,
            "openingDate": opening[n],
            "closingDate": closing[n] or None,
            "plannedEnrolment": int(row.planned),
            "actualEnrolment": int(row.actual),
            "principalInvestigator": f"Dr Inventé {n + 1}",
            "contactEmail": f"invente{n + 1}@example.org",
            "updatedOn": (delivery - dt.timedelta(days=n % 28)).isoformat(),
        }
        for n, row in enumerate(frame.itertuples(index=False))
    ]


def _spoil(
    entries: list[dict[str, Any]], delivery: dt.date, ledger: Ledger, rng: np.random.Generator
) -> list[object]:
    closed = [n for n, entry in enumerate(entries) if entry["closingDate"] and n >= 3]
    reversed_dates = [int(n) for n in rng.permutation(closed)[: amount(len(closed), 0.02)]]
    rest = np.setdiff1d(np.arange(3, len(entries)), reversed_dates)
    order = [int(n) for n in rng.permutation(rest)]
    few = amount(len(entries), 0.02)
    chosen = {
        kind: sorted(order[k * few : (k + 1) * few])
        for k, kind in enumerate(kind for kind in KINDS if kind != "closed_before_opened")
    }
    chosen["closed_before_opened"] = sorted(reversed_dates)
    for kind, rows in chosen.items():
        ledger.add(kind, np.asarray([entries[n]["registrationNumber"] for n in rows]))
    older = (delivery - dt.timedelta(days=400)).isoformat()
    extra: list[object] = []
    for n in chosen["told_twice"]:
        extra.append(
            {**entries[n], "status": "SUSPENDED", "actualEnrolment": 0, "updatedOn": older}
        )
    extra += [f"see {entries[n]['registrationNumber']}" for n in chosen["not_an_object"]]
    extra += [{**entries[n], "registrationNumber": ""} for n in chosen["key_missing"]]
    extra += [{**entries[n], "openingDate": "2023-02-30"} for n in chosen["unreadable_date"]]
    extra += [dict(entries[n]) for n in chosen["duplicate_rows.trials"]]
    for n in chosen["unknown_code.trial_status"]:
        entries[n]["status"] = "ON_AIR"
    for n in chosen["malformed_number"]:
        entries[n]["registrationNumber"] = entries[n]["registrationNumber"].replace("-", "")
    for n in chosen["closed_before_opened"]:
        entry = entries[n]
        entry["openingDate"], entry["closingDate"] = entry["closingDate"], entry["openingDate"]
    for n in chosen["missing_value.planned_enrolment"]:
        entries[n]["plannedEnrolment"] = None
    return [*entries, *extra]
