"""The coverage of the streets: evidence, cell states, zones, and the unseen estimate.

The lowest wing: it computes and stores figures, and shows none of them.
"""
