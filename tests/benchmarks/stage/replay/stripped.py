"""The baselines' applications as their workers load them: `celery -A …stripped:shared worker`."""

from tests.benchmarks.stage.replay.bare import priorities, shared, strip

__all__ = ["priorities", "shared"]

strip()
