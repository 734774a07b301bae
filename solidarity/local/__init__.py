"""Solidarity on one machine: installation, private PostgreSQL and Redis, and the processes of ``make run``.

These modules use only the standard library, because they run before other packages are installed. ``main.py`` is
started by its path; the other modules are imported as ``solidarity.local.*`` and import nothing from the rest of the
project.
"""
