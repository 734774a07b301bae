"""The choices of administrators about the site."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from volunteers.people.accounts.models import one_line


def _line(label: Any, length: int = 200) -> models.CharField:
    return models.CharField(label, max_length=length, blank=True, validators=[one_line])


class SiteDetails(models.Model):
    """The one row with the choices. For an empty field, the setting is used (solidarity.lib.site.site_choices).

    name to host: the organisation (solidarity.lib.publisher). numbers: emergency numbers by purpose, which come before
    those of the country. features_off: the keys of the parts that are switched off; null or empty if all are on.
    public_languages: the codes of the public languages; null if all are offered. later: keys of
    items of the checklist that somebody put off. mail_tested_at: the last time at which the mail server accepted a test
    mail. text_received_at: the last time at which a text message came in, noted at most once a day.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = _line(_("name and legal form"))
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = _line(_("telephone number"), 40)
    address = _line(_("postal address"), 300)
    number = _line(_("number in the public register"), 80)
    director = _line(_("director of publication"), 120)
    host = _line(_("host of the site"), 300)
    country = models.CharField(_("country"), max_length=2, blank=True)
    numbers = models.JSONField(_("emergency numbers"), default=dict, blank=True)
    language = models.CharField(_("main language"), max_length=8, blank=True)
    public_languages = models.JSONField(_("languages of the public pages"), null=True, blank=True)
    features_off = models.JSONField(_("parts that are switched off"), null=True, blank=True)
    later = models.JSONField(default=list, blank=True)
    mail_tested_at = models.DateTimeField(null=True, blank=True)
    text_received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("details of the site")
        verbose_name_plural = _("details of the site")

    def __str__(self) -> str:
        return str(self.name)
