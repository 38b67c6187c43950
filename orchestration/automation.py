"""When runs start by themselves: every week, and when a delivery arrives.

Both are off until somebody turns them on in the Dagster UI.
"""

import dagster as dg

from orchestration import fingerprint
from orchestration.jobs import evaluate_everything
from orchestration.settings import Settings

weekly = dg.ScheduleDefinition(
    name="weekly_evaluation",
    job=evaluate_everything,
    cron_schedule="0 5 * * 1",
    execution_timezone="Europe/Paris",
    description="Every Monday at 05:00, so that the week starts on current evidence.",
)


def delivery_sensor(settings: Settings) -> dg.SensorDefinition:
    """Starts a run when the landing folder, a contract or a study changed."""

    @dg.sensor(
        name="new_delivery",
        job=evaluate_everything,
        minimum_interval_seconds=60,
        description="Looks every minute for deliveries, contracts or studies that changed.",
    )
    def new_delivery(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = fingerprint.of_run(settings, as_of=None, like=None)
        if now == context.cursor:
            return dg.SkipReason("No delivery, contract or study changed.")
        context.update_cursor(now)
        return dg.RunRequest(run_key=now)

    return new_delivery
