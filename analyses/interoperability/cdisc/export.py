"""Studies of a release as ADaM datasets, one folder a study.

Belongs here: the order, and what was done. Does not belong here: the datasets themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from analyses.cohort import WORKING_TABLES, build_cohort
from analyses.evaluation.outcome import RELATION
from analyses.interoperability.cdisc.files import write
from analyses.interoperability.cdisc.questionnaires import scores
from analyses.interoperability.cdisc.subjects import subjects
from analyses.interoperability.cdisc.times import times
from analyses.interoperability.folder import complete
from analyses.interoperability.marts import read_marts
from analyses.studies import Study


def export_cdisc(
    con: duckdb.DuckDBPyConnection, to: Path, *, release_id: str, studies: Sequence[Study]
) -> dict[str, Any]:
    """Write ADSL, ADTTE and ADQS of each study; returns what was done.

    con: a connection, read-only if wished, on a release; it is given temporary tables.
    to: the folder to write, which must not hold anything yet: <study>/adsl.parquet, .xpt, ...; and
        export.json with what is returned: format, release_id, tables (rows of each).

    Populations, clocks, events and cut-offs are those of the study's results. A study without
    patients has datasets without rows. ExportError when it cannot be made, StudyError for a study
    that asks a source for what it cannot give.
    """
    tables: dict[str, int] = {}
    with complete(to) as folder:
        read_marts(con)
        for study in studies:
            (folder / study.id).mkdir()
            for dataset, frame in _datasets(study, con).items():
                write(dataset, frame, folder / study.id)
                tables[f"{study.id}/{dataset.lower()}"] = len(frame)
        done = {"format": "CDISC ADaM", "release_id": release_id, "tables": tables}
        (folder / "export.json").write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    return done


def _datasets(study: Study, con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    try:
        cohort = build_cohort(study, con)
        people = subjects(study, cohort, con)
        return {
            "ADSL": people,
            "ADTTE": times(study, cohort, people, con),
            "ADQS": scores(study, cohort, people, con),
        }
    finally:
        for table in (RELATION, *WORKING_TABLES):
            con.execute(f"DROP TABLE IF EXISTS temp.{table}")
