from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from mapping import receivers  # noqa: F401  (connects the one receiver)
        from mapping.areas import Territories
        from mapping.crises import Coordinators
        from needs import areas
        from needs.crises import access

        areas.register(Territories())
        access.register(Coordinators())
