from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("Needs and encounters")

    def ready(self) -> None:
        from needs.commitments import ending  # noqa: F401  (promises follow where their need goes)
