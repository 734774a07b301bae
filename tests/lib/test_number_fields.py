"""Numbers as people type them."""

import pytest
from django.forms import ValidationError
from django.utils import translation

from mapping.plans.territory_setup.forms import _PersonsField
from solidarity.lib.number_fields import Whole


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("typed", ["2500", "2 500", "2\u00a0500", "2\u202f500", "2\u2009500"])
def test_spaces_between_thousands_are_read(typed: str, language: str) -> None:
    with translation.override(language):
        assert Whole(most=5000).clean(typed) == 2500
        assert _PersonsField().clean(typed) == 2500


@pytest.mark.parametrize("typed", ["2 5x0", "2;500", "two"])
def test_other_signs_are_still_refused(typed: str) -> None:
    for field in (Whole(most=5000), _PersonsField()):
        with pytest.raises(ValidationError):
            field.clean(typed)
