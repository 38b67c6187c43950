"""The result tables of quality of life: names, columns, types and comments, as data.

Belongs here: their shape. Does not belong here: what is in them (analyses.quality_of_life).
"""

from __future__ import annotations

from analyses.results.columns import (
    ADJUSTMENT,
    HORIZON,
    INSTRUMENT,
    LIMITS,
    P_VALUE,
    SCALE,
    SET,
    STRATUM,
    VISIT,
    VISIT_DAY,
    Table,
    table,
)

_REFERENCE = ("reference", "VARCHAR", "the stratum compared with; NULL where none is")

QUALITY_OF_LIFE_TABLES: dict[str, Table] = {
    "quality_of_life_curve": table(
        "Mean scores over visits. One row per instrument, scale, stratum, visit and method.",
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        VISIT,
        VISIT_DAY,
        (
            "n_expected",
            "BIGINT",
            "people alive and in follow-up from whom a form was expected; survivors: of these",
        ),
        ("n_completed", "BIGINT", "people with a score; survivors: of these"),
        (
            "method",
            "VARCHAR",
            (
                "the estimand of the mean: observed (of those who answered), mixed_model and "
                "spline_model (hypothetical: as if nobody had died or dropped out), while_alive "
                "(of those alive at the visit, drop-out weighted for), composite (of everybody, "
                "the dead at the worst score, a utility 0), survivors (of those alive at the last "
                "visit)"
            ),
        ),
        ("mean", "DOUBLE", "mean on the scale of the instrument"),
        *LIMITS,
    ),
    "completion": table(
        (
            "Questionnaires received. One row per instrument, stratum and visit (reason NULL: the "
            "visit's total), and one per reason of those without a score."
        ),
        SET,
        INSTRUMENT,
        STRATUM,
        VISIT,
        (
            "n_fixed",
            "BIGINT",
            (
                "people in the analysis set: the fixed denominator; in the row of a reason, those "
                "of them without a score for it, so that n_completed and the reasons add up to it"
            ),
        ),
        (
            "n_expected",
            "BIGINT",
            (
                "people alive and in follow-up: the variable denominator; in the row of a reason, "
                "those of them without a score for it"
            ),
        ),
        ("n_completed", "BIGINT", "people with a score; 0 in the row of a reason"),
        (
            "reason",
            "VARCHAR",
            "NULL in the row of the visit's total; else why these people have no score",
        ),
    ),
    "quality_of_life_change": table(
        (
            "Change from baseline of those who answered both: who died or dropped out before the "
            "visit is in none of the numbers (the change by the mixed model is in "
            "quality_of_life_sensitivity, delta 0). "
            "One row per instrument, scale, stratum and visit."
        ),
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        VISIT,
        VISIT_DAY,
        (
            "threshold_improvement",
            "DOUBLE",
            "smallest change for the better that counts, in points; NULL when none is known",
        ),
        (
            "threshold_deterioration",
            "DOUBLE",
            "smallest change for the worse that counts, in points; NULL when none is known",
        ),
        ("n", "BIGINT", "people with a score at baseline and at the visit"),
        ("mean_change", "DOUBLE", "mean of visit minus baseline, in points of the scale"),
        *LIMITS,
        ("n_improved", "BIGINT", "people better by the threshold or more"),
        ("n_stable", "BIGINT", "people changed by less than the threshold"),
        ("n_deteriorated", "BIGINT", "people worse by the threshold or more"),
    ),
    "qaly": table(
        (
            "Quality-adjusted life years. "
            "One row per instrument, utility, stratum, method, horizon and rate."
        ),
        SET,
        ADJUSTMENT,
        INSTRUMENT,
        ("scale", "VARCHAR", "the utility: utility, or one by another value set"),
        STRATUM,
        (
            "method",
            "VARCHAR",
            (
                "partitioned (survival times the mean utility of those alive) or weighted (own "
                "years, weighted by the inverse probability of not being censored)"
            ),
        ),
        HORIZON,
        (
            "discount_rate",
            "DOUBLE",
            "yearly, 0.025 for 2.5 %; of the first years where the study has another later",
        ),
        ("n", "BIGINT", "people analysed"),
        ("qaly", "DOUBLE", "mean quality-adjusted life years up to the horizon"),
        *LIMITS,
    ),
    "quality_of_life_difference": table(
        (
            "Differences between groups by the mixed model. "
            "One row per instrument, scale, stratum, visit and method."
        ),
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        ("reference", "VARCHAR", "the stratum it is less"),
        VISIT,
        VISIT_DAY,
        (
            "method",
            "VARCHAR",
            (
                "mixed_model (of the mean scores) or mixed_model_change (of the changes from "
                "baseline, at the mean baseline score); hypothetical, as the curve's"
            ),
        ),
        ("n", "BIGINT", "people of the stratum with a score at the visit, in the model"),
        ("n_reference", "BIGINT", "people of the reference with one"),
        ("difference", "DOUBLE", "stratum less reference, in points of the scale"),
        *LIMITS,
        ("degrees_of_freedom", "DOUBLE", "Satterthwaite's"),
        P_VALUE,
    ),
    "quality_of_life_sensitivity": table(
        (
            "What if scores are missing not at random. One row per instrument, scale, stratum, "
            "visit, method, quantity and delta."
        ),
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        _REFERENCE,
        VISIT,
        VISIT_DAY,
        (
            "method",
            "VARCHAR",
            (
                "delta_adjusted (missing scores of the living worse than at random by delta), "
                "tipping_point (the delta at which the quantity is no longer told from 0), "
                "shared_random_effects (drop-out and scores modelled jointly)"
            ),
        ),
        (
            "quantity",
            "VARCHAR",
            "mean, change (from baseline) or difference (from the reference, delta in the stratum)",
        ),
        (
            "delta",
            "DOUBLE",
            (
                "points added to the missing scores, 0 for the mixed model as it is; NULL of a "
                "joint model, and of a tipping point "
                "that is not reached inside the scale or a quantity not told from 0 anyway"
            ),
        ),
        ("n", "BIGINT", "people of the stratum with a score at the visit"),
        ("n_missing", "BIGINT", "people living without one, delta applied to them"),
        ("value", "DOUBLE", "the quantity, in points of the scale"),
        *LIMITS,
    ),
    "quality_of_life_pattern": table(
        (
            "Observed means by when and how people stopped answering. "
            "One row per instrument, scale, stratum, pattern and visit."
        ),
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        ("last_visit", "VARCHAR", "the last visit with a score"),
        (
            "ended_by",
            "VARCHAR",
            (
                "death (before the next visit expected), drop_out (a later score was expected, or "
                "follow-up ended) or end_of_data (nothing more was to come)"
            ),
        ),
        VISIT,
        VISIT_DAY,
        ("n", "BIGINT", "people of the pattern"),
        ("n_completed", "BIGINT", "of them, people with a score at the visit"),
        ("mean", "DOUBLE", "mean of these"),
        *LIMITS,
    ),
    "quality_of_life_z_score": table(
        (
            "Scores against the norms of the study file, for the age and sex of each form. "
            "One row per instrument, scale, stratum and visit."
        ),
        SET,
        INSTRUMENT,
        SCALE,
        STRATUM,
        VISIT,
        VISIT_DAY,
        ("n", "BIGINT", "people with a score and a norm for it"),
        ("n_without_norm", "BIGINT", "people with a score that no norm holds for"),
        ("mean_z", "DOUBLE", "mean of (score - norm mean) / norm sd"),
        *LIMITS,
        ("n_low", "BIGINT", "people 2 norm sd or more on the worse side of the norm mean"),
    ),
    "item_completion": table(
        (
            "Items left out of the forms received, apart from forms not received. One row per "
            "instrument, respondent, stratum and visit (item NULL: the form), and one per item."
        ),
        SET,
        INSTRUMENT,
        ("respondent", "VARCHAR", "who answered: self, parent or proxy"),
        STRATUM,
        VISIT,
        ("item", "VARCHAR", "NULL in the row of the form as a whole; else the key of the item"),
        (
            "n_forms",
            "BIGINT",
            "forms received with an answer, one a person; in the row of an item, those that ask it",
        ),
        (
            "n_complete",
            "BIGINT",
            (
                "of them, forms with every item answered; in the row of an item, with an answer to "
                "it that can be scored"
            ),
        ),
        (
            "n_scored",
            "BIGINT",
            "of them, forms with a score of every scale; NULL in the row of an item",
        ),
        (
            "items_answered",
            "DOUBLE",
            "mean share of the items answered, 0 to 1; in the row of an item, n_complete / n_forms",
        ),
    ),
}
