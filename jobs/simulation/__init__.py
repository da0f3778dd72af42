"""A discrete-event simulation of the lanes: the waits that other settings would have meant."""

from jobs.simulation.arrivals import Arrival, Piece
from jobs.simulation.waits import NOTHING, Waits
from jobs.simulation.world import simulate

__all__ = ["NOTHING", "Arrival", "Piece", "Waits", "simulate"]
