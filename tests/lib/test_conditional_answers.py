"""A page that is up to date gets 304, even if a proxy compressed the earlier answer or adds other ETags."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from solidarity.lib.http.conditional_answers import unless_known


@pytest.mark.parametrize(
    ("known", "status"),
    [(None, 200), ("", 200), ('"b"', 200), ("a", 200), ('"a"', 304), ('W/"a"', 304), ('"b", "a"', 304)],
)
def test_the_answer_is_only_made_for_a_page_that_does_not_have_it(known: str | None, status: int) -> None:
    made: list[HttpResponse] = []

    def answer() -> HttpResponse:
        made.append(HttpResponse("new"))
        return made[0]

    request = RequestFactory().get("/", headers={} if known is None else {"If-None-Match": known})
    response = unless_known(request, '"a"', answer)
    assert (response.status_code, response.headers["ETag"], len(made)) == (status, '"a"', int(status == 200))
