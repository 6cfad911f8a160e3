"""The city: everything about a scenario that does not change during a run, laid out for the engine."""
