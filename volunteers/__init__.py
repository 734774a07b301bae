"""People: accounts, associations, availability, territories, notifications, the audit log and the API's base.

Start with :mod:`volunteers.models`.
"""
