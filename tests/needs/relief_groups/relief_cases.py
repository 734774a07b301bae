"""Types and helpers of the tests of relief groups."""

import html
from typing import Protocol

from django.test import Client

from needs.help.assignments import assigning
from needs.help.assignments.assigning import Choice
from needs.models import Need, NeedAssignment, ReliefGroup
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer


class FileNeed(Protocol):
    """Files a report of the event."""

    def __call__(self, state: str = ..., **fields: object) -> Need: ...


def assigned(need: Need, to: Association | ReliefGroup, by: User) -> NeedAssignment:
    return assigning.assign(need.pk, Choice(to), Viewer(by))


def page(client: Client, address: str) -> str:
    response = client.get(address, headers={"accept-language": "en"})
    assert response.status_code == 200, response.status_code
    return html.unescape(response.content.decode())
