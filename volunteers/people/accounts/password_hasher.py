"""The hash of passwords (ADR 51)."""

import threading

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import Argon2PasswordHasher

FORMER = "argon2$argon2id$v=19$m=102400,t=2,p=8$"
"""How hashes with Django's costs begin, as versions before 0.3 stored them."""


class LightArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane, the first choice of OWASP's Password Storage Cheat Sheet.

    Former hashes stay valid, and Django replaces each when its owner signs in. As long as one is left, everything that an
    unknown address or a wrong password causes takes the time of both costs. Otherwise the shorter time of an unknown
    address would show who has an account.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1

    _replaced = threading.local()

    def verify(self, password: str, encoded: str) -> bool:
        former = encoded.startswith(FORMER)
        right: bool = super().verify(password, encoded)
        if right and former:
            self._replaced.password = password  # Django calls encode next
        elif not right and not former:
            self._spend_former(password)
        return right

    def encode(self, password: str, salt: str) -> str:
        if self._replaced.__dict__.pop("password", None) != password:
            self._spend_former(password)
        encoded: str = super().encode(password, salt)
        return encoded

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do what a wrong password for a new hash causes as well: the new cost and the look for former hashes."""
        if _former_hashes():
            super().encode(password, self.salt())

    def _spend_former(self, password: str) -> None:
        if _former_hashes():
            hasher = Argon2PasswordHasher()
            hasher.encode(password, hasher.salt())


def _former_hashes() -> bool:
    return get_user_model().objects.filter(password__startswith=FORMER).exists()
