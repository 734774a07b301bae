from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from mapping import receivers, retention  # noqa: F401  (connects the one receiver; declares rules)
        from mapping.areas import Territories
        from mapping.crises import Coordinators
        from mapping.second_factor import may_work
        from needs import areas
        from needs.crises import access
        from volunteers.api import tokens

        areas.register(Territories())
        tokens.register_guard(may_work)
        access.register(Coordinators())
