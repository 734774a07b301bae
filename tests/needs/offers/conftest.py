"""Fixtures for the tests of giving."""

from tests.needs.commitments.conftest import report_need

__all__ = ["report_need"]
