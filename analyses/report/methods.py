"""What a study did beyond the methods common to all: a sentence for each method it used.

Belongs here: study file and results to sentences, and the reference rates it names. Does not: the
estimand (estimand.py), and what holds of every study (the template).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analyses.report import deterioration, labels
from analyses.report import formatting as fmt
from analyses.report.context import StudyContext

_IMPUTED = (
    "Multiple imputation: missing covariates of the adjusted models are drawn {imputations} times "
    "by chained equations and the fits pooled by Rubin's rules (cox_..._imputed); all other models "
    "leave out who misses a covariate."
)
_FIRTH = (
    "Firth: where a covariate separates the events, or there are fewer than five events a "
    "coefficient, the Cox model maximises the likelihood with Firth's penalty, with profile limits."
)
_WEIGHTED = {
    "probability": "as a probability weight, with robust limits (infinitesimal jackknife, and "
    "for models the sandwich)",
    "case": "as a number of people who are alike, as if each had a row",
}
_OBSERVED = "the mean of the forms received"
_METHODS = {
    "mixed_model": "a mixed model for repeated measures (a mean for every group and visit, "
    "unstructured covariance, restricted maximum likelihood; missing scores and deaths taken as "
    "missing at random)",
    "spline_model": "a linear mixed model with a natural cubic spline of time and a random "
    "constant and slope of each person",
    "while_alive": "the mean of those alive, weighted by the inverse probability of answering",
    "composite": "the mean of everybody with the worst score for the dead",
    "survivors": "the mean of those alive at the last visit",
}
_QALY = {
    "partitioned": "the area under survival times the mean utility of those alive",
    "weighted": "each person's own years in those not censored, weighted by the inverse "
    "probability of not being censored",
}


@dataclass(frozen=True)
class StudyMethods:
    """The methods of one study; `sentences` is empty for one that uses the common ones alone."""

    title: str
    sentences: list[str]


def methods_of(context: StudyContext, manifest: Mapping[str, Any]) -> StudyMethods:
    """A sentence for each method of the study, in the order of the report."""
    sentences = [
        *_weights(context),
        *_models(context),
        *_extrapolation(context),
        *_safety(context),
        *_deterioration(context),
        *_quality_of_life(context),
        *_references(context, manifest),
    ]
    return StudyMethods(str(context.study.get("title") or context.id), sentences)


def reference_files(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(study id, what the manifest says of a file of reference rates that it names)."""
    for study in manifest.get("studies") or ():
        for file in study.get("reference_files") or ():
            yield str(study.get("id")), file


def _weights(context: StudyContext) -> Iterator[str]:
    asked = context.study.get("weights")
    tables = ("survival_curve", "survival_summary", "cumulative_incidence", "hazard_ratio")
    if asked and any("weighted" in _values(context, name, "adjustment") for name in tables):
        yield (
            f"Weights: what is marked weighted takes {labels.words(asked['covariate'])} "
            f"{_WEIGHTED[asked['kind']]}; numbers at risk, of patients and of events count people "
            "who have a row."
        )


def _models(context: StudyContext) -> Iterator[str]:
    models = set(_values(context, "hazard_ratio", "model"))
    if any(name.endswith("_firth") for name in models):
        yield _FIRTH
    asked = context.study.get("missing_covariates") or {}
    if any(name.endswith("_imputed") for name in models):
        yield _IMPUTED.format(imputations=asked.get("imputations", "several"))


def _extrapolation(context: StudyContext) -> Iterator[str]:
    asked = context.study.get("extrapolation")
    if not asked or context.table("parametric_model").empty:
        return
    families = ", ".join(
        labels.inside(labels.words(name)) for name in _values(context, "parametric_model", "family")
    )
    excess = (
        "; the models are of the hazard in excess of the life table's, and curves and means are "
        "multiplied by the expected survival of people of the same sex, age and year"
        if asked.get("life_table")
        else ""
    )
    yield (
        f"Extrapolation: parametric models ({families}) fitted to each group by maximum likelihood "
        f"and continued to {float(asked['horizon_years']):g} years{excess}. Beyond the follow-up "
        "they rest on the family's shape, not on data."
    )


def _safety(context: StudyContext) -> Iterator[str]:
    if not context.table("incidence_rate").empty:
        yield (
            "Safety: events per 100 person-years with Poisson limits; mean numbers of events under "
            "death as a terminal event (Ghosh and Lin)."
        )
    asked = (context.study.get("safety") or {}).get("standardised_incidence")
    if asked and not context.table("standardised_incidence").empty:
        start = float(asked.get("from_days") or 0)
        late = f", leaving out events and time before day {start:g}" if start else ""
        yield (
            "Standardised incidence: observed events over those expected from the reference "
            f"rates for the same sex, age and year{late}, with "
            f"{str(asked.get('limits', 'exact')).replace('_', '-')} limits."
        )


def _deterioration(context: StudyContext) -> Iterator[str]:
    for name in context.study.get("endpoints") or ():
        meaning = deterioration.definition(str(name), context.study)
        if meaning:
            yield f"{labels.endpoint(name)}: {meaning}"


def _quality_of_life(context: StudyContext) -> Iterator[str]:
    asked = (context.study.get("quality_of_life") or {}).get("instruments") or ()
    if not asked or context.table("quality_of_life_curve").empty:
        return
    yield (
        "Questionnaires: each form counts at the visit whose window its date falls in and is "
        f"scored by the rules of {' and '.join(labels.instrument(one) for one in asked)}; a scale "
        "with too few answers has no score."
    )
    used = _values(context, "quality_of_life_curve", "method")
    means = [_OBSERVED, *(text for name, text in _METHODS.items() if name in used)]
    yield f"Means at the visits: {'; '.join(means)}."
    ways = [_QALY[name] for name in _values(context, "qaly", "method") if name in _QALY]
    if ways:
        rates = [fmt.percent(rate, 1) for rate in _values(context, "qaly", "discount_rate")]
        yield (
            f"Quality-adjusted life years: {'; '.join(ways)}. Discounted at "
            f"{' and '.join(rates) or 'no rate'} % a year; limits from bootstrap samples of people."
        )


def _references(context: StudyContext, manifest: Mapping[str, Any]) -> Iterator[str]:
    for study, file in reference_files(manifest):
        if study == context.id:
            yield (
                f"Reference rates ({file.get('key')}): {file.get('file')}, "
                f"{fmt.count(file.get('rows'))} rows, SHA-256 {file.get('sha256')}; kept beside "
                "the study file in this release."
            )


def _values(context: StudyContext, table: str, column: str) -> list[Any]:
    frame = context.table(table)
    if frame.empty or column not in frame.columns:
        return []
    return list(dict.fromkeys(frame[column].dropna()))
