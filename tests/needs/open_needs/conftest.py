"""Fixtures shared with the tests of commitments."""

from tests.needs.commitments.conftest import alice, secret_need

__all__ = ["alice", "secret_need"]
