"""Running Solidarity on one machine: installs, private PostgreSQL and Redis, and the processes of ``make run``.

Standard library only, because it works before anything is installed. ``main.py`` is run by its path; the other modules
are imported as ``solidarity.local.*`` and may import each other, but nothing else of the project.
"""
