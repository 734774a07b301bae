"""The twelve flags that danger words raise."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DangerFlag(models.TextChoices):
    """One kind of danger to life."""

    NOT_BREATHING = "not_breathing", _("someone does not breathe")
    UNCONSCIOUS = "unconscious", _("someone does not answer")
    BLUE_LIPS = "blue_lips", _("blue lips")
    BLEEDING = "bleeding", _("heavy bleeding")
    OVERDOSE = "overdose", _("overdose")
    LABOUR = "labour", _("a birth has begun")
    CHEST_PAIN = "chest_pain", _("chest pain")
    HYPOTHERMIA = "hypothermia", _("signs of hypothermia")
    VIOLENCE = "violence", _("violence now")
    SUICIDE = "suicide", _("danger of suicide")
    FIRE = "fire", _("fire")
    CHILD_ALONE = "child_alone", _("a child alone")
