from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from mapping import receivers  # noqa: F401  (connects the one receiver)
        from mapping.areas import Territories
        from needs import areas

        areas.register(Territories())
