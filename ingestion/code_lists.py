"""Names that contracts may map codes to: the code lists of the project, and the causes of death.

The lists themselves are seeds of dbt; a test holds these names equal to theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

CODE_LISTS = frozenset(
    {
        *("sex", "vital_status", "death_cause", "product_code", "batch_outcome"),
        *("indication_code", "not_infused_reason", "event_type", "grade_scale", "criteria"),
        *("response", "observation_code", "observation_value", "instrument", "respondent"),
        *("trial_phase", "trial_status", "sponsor_type", "centre_id", "covariate"),
    }
)
DEATH_CAUSES = frozenset(
    {
        *("disease_progression", "crs", "icans", "iec_hs", "infection", "cardiac"),
        *("respiratory", "haemorrhage", "organ_toxicity", "gvhd", "second_malignancy"),
        *("other", "unknown"),
    }
)


def nearest(name: str, known: Collection[str]) -> str:
    """What a person who wrote an unknown name may have meant."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"known: {', '.join(sorted(known))}"
