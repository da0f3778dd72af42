"""`python -m tests.faults`: faults at random against the real platform; its last line is JSON."""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

SECONDS_A_FAULT = 4
LARGE_STUDENTS = 20_000
SHORT_ON_RABBITMQ = (
    "child",
    "worker",
    "worker_asked",
    "supervisor",
    "broker_kept",
    "broker_lost",
    "broker_cut",
    "broker_forgotten",
    "postgres_fast",
    "mail_after_dot",
    "webhooks_unanswered",
)


def read_arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=["valkey", "rabbitmq"], default="valkey")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=0, help="of load and faults; 0 for the short run")
    parser.add_argument("--folder", type=Path, help="keeps logs and data; else they are deleted")
    return parser.parse_args()


def plan_for(arguments: argparse.Namespace) -> Any:
    """Return the plan that the arguments ask for."""
    from tests.faults import schedule  # noqa: PLC0415  (after the environment)
    from tests.faults.run import Plan  # noqa: PLC0415  (as above)

    common = {"seed": arguments.seed, "broker": arguments.broker}
    if not arguments.minutes:
        kinds = SHORT_ON_RABBITMQ if arguments.broker == "rabbitmq" else schedule.ALL
        return Plan(**common, seconds=45, rounds=1, scale=1, large_students=400, rest_seconds=90, kinds=kinds)
    seconds = arguments.minutes * 60
    rounds = max(1, round(seconds / SECONDS_A_FAULT / len(schedule.ALL)))
    scale = max(1, round(arguments.minutes * 1.5))
    return Plan(
        **common,
        seconds=seconds,
        rounds=rounds,
        scale=scale,
        large_students=LARGE_STUDENTS,
        rest_seconds=300,
    )


def run(arguments: argparse.Namespace, *, folder: Path) -> dict[str, Any]:
    """Start everything, run, and end it."""
    # The project reads its folder and its settings' name when it is imported.
    os.environ |= {
        "SWITCHYARD_VAR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    }
    import django  # noqa: PLC0415  (after the environment)
    from switchyard.yard.group import running_group  # noqa: PLC0415  (as above)

    from tests.faults.world import World  # noqa: PLC0415  (as above)

    with running_group(logs=folder / "log") as group:
        world = World(folder=folder, group=group, broker=arguments.broker)
        try:
            os.environ |= world.environment
            django.setup()
            from tests.faults.run import Run, all_lanes_answer  # noqa: PLC0415  (after Django's setup)

            world.start_platform(all_lanes_answer=all_lanes_answer)
            return Run(plan=plan_for(arguments), world=world).go()
        finally:
            world.close()


def main() -> int:
    """Run and return the exit code."""
    arguments = read_arguments()
    again = f"make faults SEED={arguments.seed} BROKER={arguments.broker} MINUTES={arguments.minutes:g}"
    print(f"Seed {arguments.seed}; again with: {again}", flush=True)
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="switchyard-faults-"))
    try:
        figures = run(arguments, folder=folder)
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, ensure_ascii=False))
    return 1 if figures["complaints"] else 0


if __name__ == "__main__":
    sys.exit(main())
