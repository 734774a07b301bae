"""Solidarity on one machine: installation, private PostgreSQL and Redis, and the processes of ``make run``.

These modules use only the standard library, because they run before anything is installed. ``main.py`` is run by its
path; the others are imported as ``solidarity.local.*`` and import nothing from the rest of the project.
"""
