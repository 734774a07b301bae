"""A need with secrets, and helpers for the pages of open needs, commitments and conversations."""

from django.test import Client
from django.urls import reverse

from needs.models import Commitment, Need
from tests.needs.commitments.commitment_cases import ReportNeed

__all__ = ["SAFE", "SECRETS", "ReportNeed", "page_text", "take_on_page"]

SECRETS = ("48.86612", "2.35034", "behind the third tree", "they have a red coat", "+33 6 12 34 56 78")
"""Parts of the need's point, place text, text and contact."""

SAFE = {"safe": "on"}


def page_text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def take_on_page(client: Client, own: Need, **data: object) -> Commitment:
    """Take a need with the form of its page."""
    answer = client.post(reverse("needs:open_need", args=[own.pk]), {"kinds": ["food"], **SAFE, **data})
    assert answer.status_code == 302, answer.content.decode()
    return Commitment.objects.latest("made_at")
