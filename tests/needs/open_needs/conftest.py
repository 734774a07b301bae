"""Fixtures of the tests of commitments, which these tests share."""

from tests.needs.commitments.conftest import alice, secret_need

__all__ = ["alice", "secret_need"]
