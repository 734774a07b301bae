"""Meals, rounds and meetings that people can come to or join as helpers. Start with the verbs beside ``models``."""
