"""Desk, commitments and matching: how needs meet people who help."""
