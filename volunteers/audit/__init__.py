"""The audit log: who looked at or changed what is sensitive, in a chain that nobody can mend unseen (ADR 23).

It never holds a place, a name or a contact: accounts stand in it by their key, objects by a keyed digest of their id.
"""
