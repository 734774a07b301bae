"""Back-ups: one file that holds database, media and what is needed to check them (README, "Back up and restore")."""

from mapping.backups.making import Made, make
from mapping.backups.restoring import Restored, restore

__all__ = ["Made", "Restored", "make", "restore"]
