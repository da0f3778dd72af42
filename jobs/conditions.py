"""Whether what a job was told under stayed so to its end, as SQL: nothing is to be learned from what did not.

What waited for a service outside that failed or fell silent is marked by `jobs.telling` meanwhile. Honest
limits: a worker process that ended as asked and that no other one followed is not noticed, nor is a service
outside that was slow for a while. Workers that the platform adds and takes away by itself are no
change: what follows from them holds for the next job too.
"""

from jobs.presence import PRESENT

# Of the row `told` of a `job` that has ended. Changes of settings, holds and workers are few.
HELD_TO_THE_END = """NOT (
    EXISTS (
        SELECT 1 FROM jobs_settingsversion version WHERE version.made_at BETWEEN told.at AND job.ended_at)
    OR EXISTS (
        SELECT 1 FROM jobs_holdevent event WHERE event.at BETWEEN told.at AND job.ended_at
            AND (event.scope <> 'lane' OR event.name = told.lane))
    OR EXISTS (
        SELECT 1 FROM jobs_handscale scale WHERE scale.lane = told.lane
            AND (scale.at BETWEEN told.at AND job.ended_at
                OR least(scale.ended_at, scale.until) BETWEEN told.at AND job.ended_at))
    OR EXISTS (
        SELECT 1 FROM jobs_workerpresence there WHERE there.lane = told.lane
            AND (there.started_at BETWEEN told.at AND job.ended_at
                OR there.beat_at BETWEEN told.at AND job.ended_at - interval 'PRESENT seconds'))
    OR EXISTS (
        SELECT 1 FROM jobs_detour detour WHERE told.lane IN (detour.home, detour.lane)
            AND detour.moved_at BETWEEN told.at AND job.ended_at)
    OR EXISTS (
        SELECT 1 FROM jobs_jobevent event WHERE event.job_id = job.id
            AND event.what IN ('moved aside', 'moved back') AND event.at >= told.at))
""".replace("PRESENT", f"{PRESENT.total_seconds():g}")
