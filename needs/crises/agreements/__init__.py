"""Agreements of territories with an event. An event is in force only where the coordinators of the territory agreed."""
