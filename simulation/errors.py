"""The one error of the simulation. No message of it ever holds a patient value."""


class SimulationError(Exception):
    """A request the simulation refuses; its text is one sentence for the user."""
