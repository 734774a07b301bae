from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from mapping import receivers
        from mapping.coverage import evidence_retention
        from needs.crises import crisis_readers
        from needs.crises.coordinators import Coordinators
        from needs.models import Retraction
        from needs.signals import evidence_changed
        from volunteers.accounts.second_factor import may_work
        from volunteers.api import tokens
        from volunteers.territories import areas
        from volunteers.territories.territory_areas import Territories

        evidence_retention.declare()
        evidence_changed.connect(receivers.append_to_outbox, dispatch_uid="outbox")
        post_save.connect(receivers.lower_months, sender=Retraction, dispatch_uid="monthly counts")
        areas.register(Territories())
        tokens.register_guard(may_work)
        crisis_readers.register(Coordinators())
