"""The baselines' applications as their workers load them: `celery -A stage.replay.stripped:shared worker`."""

from stage.replay.bare import priorities, shared, strip

__all__ = ["priorities", "shared"]

strip()
