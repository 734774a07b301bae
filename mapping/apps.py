from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from mapping import receivers  # noqa: F401  (connects the one receiver)
        from mapping.coverage import evidence_retention  # noqa: F401  (declares rules)
        from needs.crises import crisis_readers
        from needs.crises.coordinators import Coordinators
        from volunteers.accounts.second_factor import may_work
        from volunteers.api import tokens
        from volunteers.territories import areas
        from volunteers.territories.territory_areas import Territories

        areas.register(Territories())
        tokens.register_guard(may_work)
        crisis_readers.register(Coordinators())
