"""One set of assets per study: its results, computed by ``analyses`` from the last build.

The asset metadata shows headline numbers and a curve drawn from disclosure-controlled counts;
exact results go to immutable Parquet files under ``results/<run>/<study>/``.
"""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from analyses.quality_of_life.deterioration_endpoint import PREFIX as DETERIORATION
from analyses.results import RESULT_TABLES
from analyses.results.quality_of_life_tables import QUALITY_OF_LIFE_TABLES
from orchestration import fingerprint, lock, warehouse
from orchestration.failures import sanitised
from orchestration.ledger import CheckRow, Ledger
from orchestration.resources import Home
from orchestration.study_files import StudyFile

if TYPE_CHECKING:
    from analyses.evaluation import Evaluation
    from analyses.studies import Study

OWNER = "team:epidemiology"
DIAGNOSTICS = "diagnostics"
#: Worst first.
STATUS = {"fail": "failed", "warn": "warned", "pass": "passed"}
COHORT_MARTS = ("source", "patient", "treatment", "time_to_event", "covariate")
FORM_MARTS = ("questionnaire_form", "questionnaire_item", "questionnaire_score")
OF_EVENTS = ("incidence_rate", "mean_cumulative_count", "standardised_incidence", "diagnostic")
OF_FORMS = (*QUALITY_OF_LIFE_TABLES, "diagnostic")


def evaluation_assets(studies: tuple[StudyFile, ...]) -> list[dg.AssetsDefinition]:
    return [_evaluation(file) for file in studies]


def result_key(study_id: str, table: str) -> dg.AssetKey:
    return dg.AssetKey(["evaluations", study_id, table])


def _marts_read(study: "Study", table: str) -> tuple[str, ...]:
    # A deterioration is an endpoint like any other: its forms are behind every table of endpoints.
    deteriorates = any(name.startswith(DETERIORATION) for name in study.endpoints)
    forms = FORM_MARTS if table in OF_FORMS or deteriorates else ()
    return COHORT_MARTS + forms + (("clinical_event",) if table in OF_EVENTS else ())


def _evaluation(file: StudyFile) -> dg.AssetsDefinition:
    study = file.study
    specs = [
        dg.AssetSpec(
            result_key(study.id, name),
            deps=[dg.AssetKey(["marts", mart]) for mart in _marts_read(study, name)],
            description=f"{study.title}: {table.description}",
            group_name="evaluations",
            owners=[OWNER],
            kinds={"python", "parquet"},
            code_version=fingerprint.of_code("analyses"),
        )
        for name, table in RESULT_TABLES.items()
    ]
    check = dg.AssetCheckSpec(
        DIAGNOSTICS,
        asset=result_key(study.id, "diagnostic"),
        description="Statistical preconditions of the study's analyses.",
    )

    @dg.multi_asset(name=f"evaluate_{study.id}", specs=specs, check_specs=[check])
    def evaluate_study(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with sanitised(f"evaluating {study.id}"):
            from analyses import results
            from analyses.evaluation import evaluate

            settings = home.settings
            lock.hold(settings.home)
            build = warehouse.last_build(settings)
            ledger = Ledger(settings, warehouse.run_id_of(build))
            reason = ledger.left_out().get(study.id)
            if reason is not None:
                yield from _leave_out(file, ledger, reason)
                return
            con = warehouse.read(build)
            try:
                evaluation = evaluate(study, con)
            finally:
                con.close()
            results.write(evaluation, ledger.folder / study.id)
            diagnostics = evaluation.tables["diagnostic"]
            ledger.write_checks(f"study-{study.id}", _check_rows(study.id, diagnostics))
            ledger.write(f"evaluated-{study.id}", {"digests": file.digests, "run": context.run_id})
            for name in RESULT_TABLES:
                yield dg.MaterializeResult(
                    asset_key=result_key(study.id, name), metadata=_metadata(name, evaluation)
                )
            yield _check_result(study.id, diagnostics)

    return evaluate_study


def _metadata(name: str, evaluation: "Evaluation") -> dict[str, Any]:
    metadata: dict[str, Any] = {"dagster/row_count": len(evaluation.tables[name])}
    if name == "survival_summary":
        metadata |= {key: value for key, value in evaluation.headlines.items() if value is not None}
    if name == "survival_curve" and len(evaluation.tables[name]):
        metadata["curve"] = dg.MetadataValue.md(_picture(evaluation))
    return metadata


def _picture(evaluation: "Evaluation") -> str:
    """The first endpoint's curve, each step standing for at least ``k`` events."""
    from analyses.disclosure import disclosed_curve
    from analyses.figures import survival_png

    curves = evaluation.tables["survival_curve"]
    endpoint = curves["endpoint"].iloc[0]
    disclosed = disclosed_curve(curves[curves["endpoint"] == endpoint])
    picture = base64.b64encode(survival_png(disclosed)).decode()
    return f"{endpoint}, disclosure-controlled:\n\n![curve](data:image/png;base64,{picture})"


def _check_result(study_id: str, diagnostics: Any) -> dg.AssetCheckResult:
    """Passed or not, and in the metadata the worst status of each kind of diagnostic."""
    counts = diagnostics["status"].value_counts().to_dict()
    metadata: dict[str, Any] = {str(status): int(count) for status, count in counts.items()}
    return dg.AssetCheckResult(
        passed=not counts.get("fail") and not counts.get("warn"),
        asset_key=result_key(study_id, "diagnostic"),
        check_name=DIAGNOSTICS,
        severity=dg.AssetCheckSeverity.ERROR if counts.get("fail") else dg.AssetCheckSeverity.WARN,
        metadata=metadata | _worst_of_kinds(diagnostics),
    )


def _worst_of_kinds(diagnostics: Any) -> dict[str, str]:
    """Kind -> its worst status, how often and where it was found; the worst first.

    Without values and without what a diagnostic is about, which may be a centre or one person's
    time: the study's section of the report shows them to those entitled to the data.
    """
    found = []
    for kind, rows in diagnostics.groupby(_kinds(diagnostics), sort=False):
        worst = next(name for name in STATUS if (rows["status"] == name).any())
        those = rows[rows["status"] == worst]
        where = sorted({str(name) for name in those["endpoint"].dropna()})
        said = f"{worst}: {len(those)} of {len(rows)}"
        if worst != "pass" and where:
            said += f" ({', '.join(where)})"
        found.append((worst, str(kind), said))
    order = list(STATUS)
    return {kind: said for _, kind, said in sorted(found, key=lambda one: order.index(one[0]))}


def _kinds(diagnostics: Any) -> Any:
    """The kind of each row: what stands before the colon."""
    return diagnostics["diagnostic"].astype(str).str.split(":").str[0]


def _leave_out(
    file: StudyFile, ledger: Ledger, reason: str
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Empty tables and a warning for a study that this run's deliveries cannot feed."""
    from analyses import results

    study_id = file.study.id
    results.write(results.Evaluation(study_id, {}), ledger.folder / study_id)
    row = CheckRow(
        layer="evaluations",
        table=study_id,
        check="source_delivered",
        severity="WARN",
        status="warned",
        n_rows=None,
        n_unexpected=None,
        share_unexpected=None,
        reason=f"The study is left out: {reason}.",
    )
    ledger.write_checks(f"study-{study_id}", [row])
    ledger.write(f"evaluated-{study_id}", {"digests": file.digests, "left_out": reason})
    for name in RESULT_TABLES:
        metadata: dict[str, Any] = {"dagster/row_count": 0, "left_out": reason}
        yield dg.MaterializeResult(asset_key=result_key(study_id, name), metadata=metadata)
    yield dg.AssetCheckResult(
        passed=False,
        asset_key=result_key(study_id, "diagnostic"),
        check_name=DIAGNOSTICS,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"left_out": reason},
    )


def _check_rows(study_id: str, diagnostics: Any) -> list[CheckRow]:
    """One row per kind of diagnostic: the study's own section shows each of them."""
    rows = []
    for kind, status in diagnostics["status"].groupby(_kinds(diagnostics), sort=False):
        counts = status.value_counts()
        worst = next(name for name in STATUS if counts.get(name))
        rows.append(
            CheckRow(
                layer="evaluations",
                table=study_id,
                check=str(kind),
                severity="ERROR" if worst == "fail" else "WARN",
                status=STATUS[worst],
                n_rows=len(status),
                n_unexpected=int(len(status) - counts.get("pass", 0)),
                share_unexpected=None,
                reason="A diagnostic of the analyses; the study's section shows each of them.",
            )
        )
    return rows
