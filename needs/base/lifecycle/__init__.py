"""The states of a need: the table of transitions, and the diagram of docs/lifecycle.md.

Start with ``transitions``: every change of a need's state goes through its ``move``.
"""
