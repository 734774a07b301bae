"""The audit log: who read or changed sensitive data, in a hash chain that shows tampering (ADR 23).

No place, name or contact is in it: it refers to accounts by key and to objects by keyed digest. Start with
:mod:`recording`.
"""
