"""How a build begins: from nothing, or from the last good one with the persons that changed since.

A build that starts from an earlier one computes changed persons only (docs/decisions/0020). It may
when nothing but deliveries is new, and when few enough persons changed; everything else is built
from nothing. The rows of both are the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

import ingestion
from orchestration import fingerprint, warehouse
from orchestration.ledger import write_atomically
from orchestration.settings import Settings

EVERYBODY, CHANGED = "everybody", "changed"
#: Above this share of persons, a build of everybody is the faster one.
MOST_CHANGED = 0.2

#: How dbt is told whom to build for.
VARIABLE = "ATMP_RWE_BUILD"
#: Holds the rows of changed persons, under the names of the tables and views they are of.
SCHEMA = "changed"


def begin(
    settings: Settings, contracts: Mapping[str, ingestion.Contract], chosen: ingestion.Selection
) -> duckdb.DuckDBPyConnection:
    """The working database, open for writing, with the raw views of the chosen deliveries."""
    digest = fingerprint.of_build(settings)
    con = _from_last(settings, contracts, chosen, digest)
    if con is None:
        con = warehouse.start_build(settings)
        _register(con, settings, contracts, chosen)
        _sign(con, digest, EVERYBODY)
    return con


def mode(settings: Settings) -> str:
    """Whom the working database is being built for: everybody, or the changed persons."""
    with warehouse.read(settings.building) as con:
        return str(con.execute("SELECT mode FROM raw.build").fetchall()[0][0])


@contextlib.contextmanager
def told_to_dbt(built_for: str) -> Iterator[None]:
    """dbt started meanwhile builds for these persons."""
    os.environ[VARIABLE] = built_for
    try:
        yield
    finally:
        del os.environ[VARIABLE]


def name_whole_tables(manifest: Path) -> None:
    """Put into dbt's compiled SQL the tables of everybody where it read changed persons' rows of
    them, so that lineage and documentation are those of any build."""
    if not manifest.exists():
        return
    document = json.loads(manifest.read_text(encoding="utf-8"))
    schemas = {node["name"]: node["schema"] for node in document["nodes"].values()}
    read = re.compile(rf'"{SCHEMA}"\."(\w+)"')
    for node in document["nodes"].values():
        if node.get("compiled_code"):
            node["compiled_code"] = read.sub(
                lambda found: f'"{schemas[found[1]]}"."{found[1]}"', node["compiled_code"]
            )
    write_atomically(manifest, json.dumps(document))


def give_up_base(settings: Settings) -> None:
    """Have the next run build everybody: what failed may have to do with the build before."""
    settings.rebuild_mark.touch()


def _from_last(
    settings: Settings,
    contracts: Mapping[str, ingestion.Contract],
    chosen: ingestion.Selection,
    digest: str,
) -> duckdb.DuckDBPyConnection | None:
    base = warehouse.any_build(settings)
    if base is None or settings.rebuild_mark.exists() or _digest(base) != digest:
        return None
    warehouse.remove_unfinished(settings)
    shutil.copyfile(base, settings.building)
    con = duckdb.connect(str(settings.building), config=warehouse.BOUNDED)
    _keep_marks(con)
    _register(con, settings, contracts, chosen)
    _tell_former(con)
    con.execute(f"INSERT INTO raw.changed_person {ingestion.changed_persons()}")
    _add_namesakes(con)
    if _share_changed(con) > MOST_CHANGED:
        con.close()
        return None
    _views_of_changed(con, settings, contracts, chosen)
    _sign(con, digest, CHANGED)
    return con


def _digest(base: Path) -> str | None:
    try:
        with warehouse.read(base) as con:
            return str(con.execute("SELECT digest FROM raw.build").fetchall()[0][0])
    except duckdb.Error:
        return None  # built before builds were signed, or not to be read: not a base


def _register(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Mapping[str, ingestion.Contract],
    chosen: ingestion.Selection,
) -> None:
    ingestion.register(con, contracts, chosen, settings.home)
    ingestion.write_marks(con, contracts, chosen, settings.home)


def _sign(con: duckdb.DuckDBPyConnection, digest: str, mode: str) -> None:
    con.execute("CREATE OR REPLACE TABLE raw.build (digest VARCHAR, mode VARCHAR)")
    con.execute("INSERT INTO raw.build VALUES (?, ?)", [digest, mode])


def _keep_marks(con: duckdb.DuckDBPyConnection) -> None:
    """What the earlier build knew of its deliveries, before it is replaced."""
    for table in ("person_mark", "source_registry"):
        con.execute(f"CREATE OR REPLACE TABLE raw.former_{table} AS FROM raw.{table}")


def _tell_former(con: duckdb.DuckDBPyConnection) -> None:
    """What the earlier build found out, for the models to compare with."""
    con.execute(
        """INSERT INTO raw.former_person_link
        SELECT patient_id, person_id FROM intermediate.int_person_link"""
    )
    con.execute(
        """INSERT INTO raw.former_told SELECT DISTINCT source, mapped_code
        FROM intermediate.int_code WHERE code_list = 'event_type'"""
    )


def _share_changed(con: duckdb.DuckDBPyConnection) -> float:
    changed, persons = con.execute(
        """SELECT (SELECT count(*) FROM raw.changed_person),
            (SELECT count(DISTINCT patient_id) FROM raw.person_mark)"""
    ).fetchall()[0]
    return changed / persons if persons else 1.0


def _views_of_changed(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Mapping[str, ingestion.Contract],
    chosen: ingestion.Selection,
) -> None:
    """The views between raw files and models once more, over the rows of changed persons only."""
    persons = "intermediate.int_changed_person"
    ingestion.register_persons(
        con, contracts, chosen, settings.home, schema=SCHEMA, persons=persons
    )
    views = {
        f"{schema}.{name}": text
        for schema, name, text in con.execute(
            """SELECT schema_name, view_name, sql FROM duckdb_views()
            WHERE schema_name IN ('staging', 'intermediate')"""
        ).fetchall()
    }
    delivered = con.execute(
        "SELECT 'raw.' || view_name FROM duckdb_views() WHERE schema_name = 'raw'"
    ).fetchall()
    read = _mention([*views, *(name for (name,) in delivered)])
    for text in _in_order(views):
        twin = read.sub(lambda found: f"{SCHEMA}.{found[0].split('.')[1]}", text)
        con.execute(twin.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))


def _mention(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in names)})\b")


def _in_order(views: Mapping[str, str]) -> Iterator[str]:
    """The texts of views, each after those it reads."""
    waiting = dict(views)
    while waiting:
        for name, text in list(waiting.items()):
            if set(_mention(list(waiting)).findall(text)) == {name}:
                yield waiting.pop(name)


def _add_namesakes(con: duckdb.DuckDBPyConnection) -> None:
    """Everybody who shares the number of an event or a form with somebody else, now or in the
    earlier build: the copy told last decides whose it is, so that such rows of one person follow
    from another's, and from the order of theirs. Whoever shares none stands alone."""
    for table, number in (("events", "event_id"), ("questionnaires", "questionnaire_id")):
        for told in (f"int_reported_{table}", f"int_delivered_{table}"):
            con.execute(
                f"""INSERT INTO raw.changed_person
                WITH shared AS (
                    SELECT source, {number} FROM intermediate.{told} GROUP BY ALL
                    HAVING min(patient_id) <> max(patient_id)
                )
                SELECT DISTINCT patient_id FROM intermediate.{told}
                    SEMI JOIN shared USING (source, {number})
                    ANTI JOIN raw.changed_person USING (patient_id)"""
            )
