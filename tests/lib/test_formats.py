"""Dates and times in British English, and what people type."""

from datetime import date, datetime

from django import forms
from django.utils import translation
from django.utils.formats import date_format, time_format


def test_dates_are_day_first_and_times_have_24_hours_and_no_full_stop() -> None:
    moment = datetime(2026, 11, 27, 12, 45)
    with translation.override("en"):
        assert date_format(moment, "DATE_FORMAT") == "27 Nov 2026"
        assert date_format(moment, "SHORT_DATETIME_FORMAT") == "27/11/2026 12:45"
        assert time_format(moment.time()) == "12:45"
        assert forms.DateField().clean("03/04/2026") == date(2026, 4, 3)
        assert forms.DateField().clean("2026-04-03") == date(2026, 4, 3)
