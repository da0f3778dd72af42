"""Which rules can never take a job, because one above them takes every job that they would take."""

from collections.abc import Sequence

from jobs.rules import Rule


def covered_rules(rules: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """Return each rule that takes no job, with the first one above it that takes all of its jobs.

    Honest limit: several rules that only together take all of a rule's jobs are not found.
    """
    covered = []
    for place, rule in enumerate(rules):
        above = next((other for other in rules[:place] if covers(other, rule)), None)
        if above is not None:
            covered.append((rule, above))
    return covered


def covers(above: Rule, rule: Rule) -> bool:
    """Say whether every job that `rule` takes is one that `above` takes."""
    return (
        above.kind == rule.kind
        and above.school in ("", rule.school)
        and all(_least(rule, size) >= least for size, least in above.at_least.items())
        and all(rule.at_most.get(size, float("inf")) <= most for size, most in above.at_most.items())
        and _is_as_strict(rule.slower_than, above.slower_than)
        and _is_as_strict(rule.expected_seconds_over, above.expected_seconds_over)
    )


def _least(rule: Rule, size: str) -> float:
    """Return the least of a size that a job of the rule has; below 0 where it need not tell the size."""
    return rule.at_least.get(size, 0 if size in rule.at_most else -1)


def _is_as_strict(threshold: float | None, other: float | None) -> bool:
    return other is None or (threshold is not None and threshold >= other)
