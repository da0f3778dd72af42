"""A joining of a packet that breaks off, to be done again later."""

import pytest

from jobs.leases import PartTaken
from jobs.models import Job
from packets import joining
from packets.models import Packet


def broken_off(job: Job) -> Packet:
    """Begin to join the packet whose parts are done, break off between two documents, and return it."""

    def check() -> None:
        raise PartTaken

    packet = Packet.objects.get(job=job)
    with pytest.raises(PartTaken):
        joining.join(packet, job=job, check=check)
    return packet
