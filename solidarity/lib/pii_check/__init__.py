"""A guard of free text: it finds what may lead to a person, says why it is a danger, and blocks nothing (ADR 21)."""
