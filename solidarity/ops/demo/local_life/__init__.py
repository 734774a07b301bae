"""The local life of the demonstration: meals, rounds and meetings."""
