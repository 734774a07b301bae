from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    name = "volunteers"
    verbose_name = _("Volunteers and associations")

    def ready(self) -> None:
        from volunteers.accounts import sign_in_audit  # noqa: F401  (what changes there is written down)


class AdminConfig(DjangoAdminConfig):
    """The administration with the platform's rules of access."""

    default_site = "volunteers.accounts.admin_site.Site"
