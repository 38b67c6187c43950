"""The extrapolation blocks of a study, one an endpoint: models beside what was seen.

Belongs here: which figures and tables parametric models get. Does not belong here: drawing, fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analyses import figures
from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.context import StudyContext
from analyses.report.embedding import Figure, embed, slug
from analyses.report.outcomes import Block
from analyses.report.tables import Table, levels, records, sorted_by, where


def extrapolation_blocks(context: StudyContext) -> list[Block]:
    """A block per endpoint with parametric models."""
    models = context.table("parametric_model")
    endpoints = sorted_by(
        levels(models, "endpoint"), [str(e) for e in context.study.get("endpoints") or ()]
    )
    return [_block(context, models, endpoint) for endpoint in endpoints]


def family_name(code: str) -> str:
    """A family as readers call it."""
    parts = code.split("_")
    if code.startswith("spline_") and len(parts) == 3:
        knots = "no inner knot" if parts[2] == "0" else f"{parts[2]} inner knots"
        return f"Spline, {parts[1]}, {'1 inner knot' if parts[2] == '1' else knots}"
    kind, found, base = code.partition("_cure_")
    if found:
        return f"{kind.replace('_', '-').capitalize()} cure, {labels.inside(family_name(base))}"
    named = {"log_normal": "Log-normal", "log_logistic": "Log-logistic"}
    return named.get(code, labels.words(code))


def _block(context: StudyContext, models: pd.DataFrame, endpoint: str) -> Block:
    title = labels.endpoint(endpoint)
    of = where(models, endpoint=endpoint)
    means = where(context.table("extrapolated_mean"), endpoint=endpoint)
    tables = [_comparison(context, where(of, model="per_stratum"), means, title)]
    return Block(
        id=slug(f"{context.id}-{endpoint}-extrapolation"),
        title=f"{title}: models and extrapolation",
        definition=_definition(of),
        figures=tuple(_figures(context, endpoint, title, _best_first(of))),
        tables=tuple(tables),
        # The curves observed are in the figures; a model that failed is not.
        warnings=tuple(context.warnings(endpoint)),
        notes=tuple(context.warnings(endpoint, "extrapolation")),
        folded=(_parameters(context, of, title),),
    )


def _definition(models: pd.DataFrame) -> str:
    text = (
        "Each model is fitted to each group alone. What lies beyond the data rests on the model: "
        "choose by clinical plausibility and the hazard, not by AIC alone (NICE TSD 14 and 21)."
    )
    if (models["background"].astype(str) == "life_table").any():
        text += (
            " Models are of the mortality in excess of the general population's; curves and means "
            "include both."
        )
    return text


def _best_first(models: pd.DataFrame) -> list[str]:
    """Families by their AIC summed over groups, those known everywhere first."""
    each = models[models["model"].astype(str) == "per_stratum"]
    one = each.drop_duplicates(["stratum", "family"])
    total = one.groupby("family", sort=False)["aic"].agg(lambda aic: aic.sum(skipna=False))
    return [str(family) for family in total.sort_values(kind="stable").index]


def _figures(
    context: StudyContext, endpoint: str, title: str, families: Sequence[str]
) -> list[Figure]:
    curves = where(context.table("parametric_curve"), endpoint=endpoint)
    observed = where(context.table("survival_curve"), endpoint=endpoint, adjustment="none")
    smoothed = where(context.table("smoothed_hazard"), endpoint=endpoint)
    found = []
    names = {family: family_name(family) for family in families}

    def add(drawing: figures.Drawing, kind: str, caption: str, alternative: str) -> None:
        figure_id = f"{context.id}-{endpoint}-{kind}"
        shown = {**context.names(), **names}
        found.append(
            embed(drawing, figure_id, caption=caption, alternative=alternative, names=shown)
        )

    if curves.empty:
        return found
    look = context.look(curves["analysis_set"].iloc[0], endpoint, **names)
    shown = ", ".join(names.values())
    add(
        figures.draw_extrapolation(
            curves,
            observed,
            families=families,
            y_label=f"{labels.free_of(endpoint)} (%)",
            look=look,
        ),
        "models",
        f"{title} as modelled, over the Kaplan-Meier curve (black). Shaded: beyond the last "
        "observed time. At most seven families are drawn, those of the lowest AIC first.",
        f"Modelled curves ({shown}) over Kaplan-Meier; the table below gives means and AIC.",
    )
    if not smoothed.empty:
        add(
            figures.draw_hazard(smoothed, curves, families=families, look=look),
            "hazard",
            "Hazard, smoothed without a model (black, with 95% confidence band) where ten people "
            "or more are at risk, and as modelled.",
            f"Smoothed hazard beside the hazards of the models ({shown}).",
        )
    if len(observed):
        add(
            figures.draw_log_log(observed, look=look),
            "log-log",
            "log(-log(survival)) against the logarithm of time: a straight line is a Weibull "
            "curve, parallel lines are proportional hazards.",
            "Log-log plot of the Kaplan-Meier curves.",
        )
    return found


def _comparison(
    context: StudyContext, models: pd.DataFrame, means: pd.DataFrame, title: str
) -> Table:
    rows: list[tuple[str, ...]] = []
    one = models.drop_duplicates(["stratum", "family"])
    for stratum in sorted_by(levels(one, "stratum"), context.strata):
        of = where(one, stratum=stratum).sort_values("aic", kind="stable", na_position="last")
        for r in records(of):
            mean = where(means, stratum=stratum, family=r["family"])
            rows.append((labels.words(stratum), family_name(str(r["family"])), *_numbers(r, mean)))
    horizon = means["horizon_years"].iloc[0] if len(means) else None
    upto = "" if horizon is None else f" to {float(horizon):g} years"
    headers = ("Group", "Family", "AIC", "BIC", f"Mean{upto}, years (95% CI)", "Beyond data, %")
    note = (
        "AIC and BIC compare models of one group. Interval by simulation of the parameters. "
        "Beyond data: the share of the mean that is extrapolated."
    )
    return Table(f"{title}: parametric models", headers, tuple(rows), 2, (note,))


def _numbers(model: dict[str, object], mean: pd.DataFrame) -> tuple[str, str, str, str]:
    converged = model["converged"]
    if not fmt.missing(converged) and not converged:
        return ("did not converge", fmt.NONE, fmt.NONE, fmt.NONE)
    aic, bic = (fmt.number(model[name], 1, fmt.NONE) for name in ("aic", "bic"))
    if mean.empty or fmt.missing(mean["mean_years"].iloc[0]):
        return aic, bic, fmt.NONE, fmt.NONE
    row = mean.iloc[0]
    shown = [fmt.number(row[name], 2) for name in ("mean_years", "ci_lower", "ci_upper")]
    share = fmt.percent(row["share_beyond_data"], 0, fmt.NONE)
    return aic, bic, fmt.with_limits(*shown), share


def _parameters(context: StudyContext, models: pd.DataFrame, title: str) -> Table:
    rows = []
    order = {name: place for place, name in enumerate(context.strata)}
    known = models[models["estimate"].notna()]
    for r in sorted(
        records(known), key=lambda r: (str(r["model"]), order.get(str(r["stratum"]), 99))
    ):
        numbers = [fmt.significant(r[name]) for name in ("estimate", "ci_lower", "ci_upper")]
        of = "All groups, adjusted" if str(r["model"]) == "adjusted" else labels.words(r["stratum"])
        name = labels.term(r["parameter"]) if of.startswith("All groups") else str(r["parameter"])
        rows.append((of, family_name(str(r["family"])), name, fmt.with_limits(*numbers)))
    headers = ("Group", "Family", "Parameter", "Estimate (95% CI)")
    note = "Parameters as in R's flexsurv, time in days; covariates act on the location."
    return Table(f"{title}: parameters", headers, tuple(rows), 3, (note,))
