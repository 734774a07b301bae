"""The audit log records who read or changed sensitive data, in a hash chain that shows tampering (ADR 23).

The log contains no place, name or contact, only keys of accounts and keyed digests of objects. Start with
:mod:`recording`.
"""
