"""The clock that stands still with its process."""

from jobs.awake import AwakeClock


class Machine:
    """The clocks of a machine that a test sets."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.wall, self.cpu = 1000.0, 50.0

    def clock(self) -> AwakeClock:
        return AwakeClock(wall=lambda: self.wall, cpu=lambda: self.cpu)

    def go_on(self, seconds: float, *, busy: float = 0) -> None:
        """Let time pass, in which the process computed for `busy` seconds."""
        self.wall += seconds
        self.cpu += busy


def test_time_passes_while_somebody_looks() -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.seconds()
    for _ in range(30):
        machine.go_on(1.5)
        clock.seconds()
    assert clock.seconds() - began == 45


def test_time_in_which_the_process_stood_still_does_not_count() -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.seconds()
    machine.go_on(60)
    assert clock.seconds() - began == 1
    machine.go_on(1)
    assert clock.seconds() - began == 2


def test_native_code_that_lets_nobody_look_does_count() -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.seconds()
    machine.go_on(60, busy=59)
    assert clock.seconds() - began == 60


def test_what_a_process_computed_around_a_standstill_counts() -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.seconds()
    machine.go_on(60, busy=3)
    assert clock.seconds() - began == 4
