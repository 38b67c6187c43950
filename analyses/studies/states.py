"""States a patient may reach after the start of the clock, by the words of a study file.

Belongs here: which endpoint tells when a state is reached, and why people may not be grouped by one
from the start. Does not belong here: the analyses of states (analyses.evaluation).
"""

from __future__ import annotations

from analyses.studies.vocabulary import known_endpoints, nearest

# Names of states beside those of endpoints: the event that the endpoint's rows date.
STATE_ENDPOINTS = {
    "response": "time_to_response",
    "relapse": "relapse",
    "next_treatment": "time_to_next_treatment",
    "death": "overall_survival",
}
# The state people start in, by the study's clock.
START_STATES = {"infused": "infusion", "intention_to_treat": "apheresis", "decision": "decision"}


def check_state(name: str) -> str:
    """The state itself; ValueError naming the nearest right one when it is unknown."""
    known = state_names()
    if name not in known:
        raise ValueError(f"unknown state `{name}`{nearest(name, known)}")
    return name


def state_names() -> tuple[str, ...]:
    """States that an endpoint dates: named ones, then endpoints with an event of their own."""
    own = (
        name
        for name, endpoint in known_endpoints().items()
        if endpoint.has_competing and name not in ("death_by_cause", "non_relapse_mortality")
    )
    return tuple(dict.fromkeys((*STATE_ENDPOINTS, *own)))


def state_endpoint(name: str) -> str:
    """The endpoint whose event is the state."""
    return STATE_ENDPOINTS.get(name, name)
