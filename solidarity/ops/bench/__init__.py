"""Benchmarks (``make bench``): each figure is compared with a reference measured in the same run."""
