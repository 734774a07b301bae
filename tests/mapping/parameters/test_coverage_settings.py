"""Settings of the coverage model that no page shows, by a command."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mapping.models import CoverageSettings, Parameters
from tests.support import City
from volunteers.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_territory_where_nobody_logs_searches_is_marked_and_unmarked(city: City) -> None:
    call_command("coverage_settings", "--territory", "nord", "--presence-only", "yes", stdout=StringIO())
    assert CoverageSettings.objects.get(territory=city.nord).presence_only
    assert not CoverageSettings.objects.get(territory=city.sud).presence_only
    call_command("coverage_settings", "--territory", "nord", "--presence-only", "no", stdout=StringIO())
    assert not CoverageSettings.objects.get(territory=city.nord).presence_only
    assert AuditEntry.objects.filter(verb="territory_changed", scope="nord").count() == 2


def test_parameters_for_all_territories_get_a_new_version(city: City, parameters: Parameters) -> None:
    call_command("coverage_settings", "--set", "covered_at=0.2", "--reason", "trial", stdout=StringIO())
    added = Parameters.objects.in_force(None)
    assert (added.version, added.values["covered_at"], added.reason) == (parameters.version + 1, 0.2, "trial")
    assert {**added.values, "covered_at": 0} == {**parameters.values, "covered_at": 0}


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (["--presence-only", "yes"], "--territory"),
        (["--set", "nothing=1", "--reason", "r"], "Known: "),
        (["--set", "covered_at=much", "--reason", "r"], "needs a number"),
        (["--set", "covered_at=0.2"], "--reason"),
    ],
)
def test_wrong_words_name_the_cure(city: City, words: list[str], cure: str) -> None:
    with pytest.raises(CommandError, match=cure):
        call_command("coverage_settings", *words)
