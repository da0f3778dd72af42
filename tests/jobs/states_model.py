"""A small model of jobs and parts: what the states must be after each call, written without the database."""

from dataclasses import dataclass, field

OPEN_JOB = {"waiting", "working", "paused"}
GOOD_JOB = {"done", "problems"}
BAD_JOB = {"failed", "stopped"}
IDLE_PART = {"waiting", "delayed", "held"}
OPEN_PART = {*IDLE_PART, "working"}
POISON_DEATHS = 3


@dataclass
class ModelPart:
    """One part."""

    step: str
    units: int
    state: str = "waiting"
    is_due: bool = True
    done: int = 0
    failed: int = 0
    deaths: int = 0


@dataclass
class ModelJob:
    """One job with its parts in the order in which they were made."""

    priority: int
    after: list["ModelJob"]
    parts: list[ModelPart] = field(default_factory=list)
    state: str = "waiting"
    was_started: bool = False
    failed_with: bool = False
    followers: list["ModelJob"] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN_JOB

    @property
    def must_wait(self) -> bool:
        """Whether it has not started and a job that it follows is still open."""
        return not self.was_started and any(job.is_open for job in self.after)

    def open_parts(self) -> int:
        """Return how many parts have not ended."""
        return sum(part.state in OPEN_PART for part in self.parts)

    def offer(self, part: ModelPart) -> None:
        """Let the part wait where the job lets it."""
        if not self.is_open:
            part.state = "stopped"
        elif self.state == "paused":
            part.state = "held"
        else:
            part.state = "waiting" if part.is_due else "delayed"

    def add(self, step: str, units: int) -> None:
        """Add a part."""
        part = ModelPart(step=step, units=units)
        self.parts.append(part)
        self.offer(part)

    def count(self, part: ModelPart, state: str, *, done: int, failed: int) -> None:
        """End a part and, with the last one, the job."""
        part.state, part.done, part.failed = state, done, failed
        if self.is_open and state == "failed" and part.step != "work":
            self.end("failed")
        elif self.is_open and not self.open_parts():
            self.move_on(part)

    def move_on(self, ended: ModelPart) -> None:
        """Add the finish, or end."""
        work = [part.state for part in self.parts if part.step == "work"]
        is_hopeless = "failed" in work and "done" not in work
        if ended.step != "finish" and not is_hopeless:
            self.add("finish", 0)
            return
        done, failed = self.units()
        if "failed" not in work and not failed:
            self.end("done")
        else:
            self.end("problems" if done else "failed")

    def units(self) -> tuple[int, int]:
        """Return the units done and failed of the parts that have ended so."""
        ended = [part for part in self.parts if part.state in {"done", "failed"}]
        return sum(part.done for part in ended), sum(part.failed for part in ended)

    def lose(self, part: ModelPart, *, done: int) -> None:
        """Take a part from a dead worker that had said that units are `done`."""
        part.deaths += 1
        part.is_due = True
        if self.is_open and part.deaths >= POISON_DEATHS:
            self.count(part, "failed", done=done, failed=part.units - done)
        else:
            self.offer(part)

    def end(self, state: str) -> None:
        """End, drop what nobody works on, and tell the followers."""
        self.state = state
        self.failed_with = False
        for part in self.parts:
            if part.state in IDLE_PART:
                part.state = "stopped"
        for follower in self.followers:
            if follower.is_open and state in GOOD_JOB:
                follower.let_go()
            elif follower.is_open and not follower.was_started:
                follower.end("failed")
                follower.failed_with = True

    def let_go(self) -> None:
        """Let held parts go on, unless something still holds them."""
        if self.state == "paused" or self.must_wait:
            return
        for part in self.parts:
            if part.state == "held":
                self.offer(part)

    def pause(self) -> None:
        """Hold what nobody works on."""
        self.state = "paused"
        for part in self.parts:
            if part.state in IDLE_PART:
                part.state = "held"

    def resume(self) -> None:
        """Go on."""
        self.state = "working" if self.was_started else "waiting"
        self.let_go()

    def can_retry(self) -> bool:
        """Whether something of an ended job failed or was stopped, and what it follows lets it start."""
        if not self.was_started and any(job.state in BAD_JOB for job in self.after):
            return False
        return not self.is_open and any(part.state in {"failed", "stopped"} for part in self.parts)

    def retry(self) -> None:
        """Offer again what failed or was stopped, and bring back the followers that failed for it.

        A finish comes anew after other parts.
        """
        self.state = "working" if self.was_started else "waiting"
        again = [part for part in self.parts if part.state in {"failed", "stopped"}]
        is_only_finish = all(part.step == "finish" for part in again)
        for part in again:
            part.done = part.failed = part.deaths = 0
            part.is_due = True
            if part.step == "finish" and not is_only_finish:
                part.state = "retired"
            else:
                part.state = "held" if self.must_wait else "waiting"
        for follower in self.followers:
            if follower.failed_with and follower.can_retry():
                follower.retry()
