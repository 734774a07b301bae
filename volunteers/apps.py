from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    name = "volunteers"
    verbose_name = _("Volunteers and associations")

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.admin.models import LogEntry
        from django.core.signals import request_started
        from django.db.models.signals import post_save

        from solidarity.lib.database.connection_health import trust_silent_connections
        from volunteers.people.accounts import admin_site
        from volunteers.people.sign_in import sign_in_audit
        from volunteers.places.territories import duties
        from volunteers.signals import became_dispatcher, dispatching_ended

        request_started.connect(trust_silent_connections, dispatch_uid="health of connections")
        password_changed.connect(sign_in_audit.password, dispatch_uid="audit of changed passwords")
        password_reset.connect(sign_in_audit.password, dispatch_uid="audit of reset passwords")
        password_set.connect(sign_in_audit.password, dispatch_uid="audit of first passwords")
        authenticator_added.connect(sign_in_audit.factor_added, dispatch_uid="audit of added factors")
        authenticator_removed.connect(sign_in_audit.factor_removed, dispatch_uid="audit of removed factors")
        post_save.connect(admin_site.write_down, sender=LogEntry, dispatch_uid="audit of the administration")
        became_dispatcher.connect(duties.give_to_dispatcher, dispatch_uid="duties of new dispatchers")
        dispatching_ended.connect(duties.take_from_dispatcher, dispatch_uid="duties of former dispatchers")


class AdminConfig(DjangoAdminConfig):
    default_site = "volunteers.people.accounts.admin_site.Site"
