from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MappingConfig(AppConfig):
    name = "mapping"
    verbose_name = _("Coverage map")

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from mapping import receivers
        from mapping.out.calendar_feeds import feed_addresses
        from mapping.out.digests import digest_retention
        from mapping.out.retention import evidence_retention
        from mapping.out.scheduled_reports import schedule_retention
        from mapping.plans.self_checks import check_retention
        from needs.models import Correction, Retraction
        from needs.signals import cold_plans_changed, evidence_changed, outbox, retraction_undone
        from volunteers.models import User
        from volunteers.signals import account_blocked

        check_retention.register_rules()
        digest_retention.register_rules()
        evidence_retention.register_rules()
        schedule_retention.register_rules()
        evidence_changed.connect(receivers.append_to_outbox, dispatch_uid="outbox")
        outbox.insert, outbox.appended = receivers.OUTBOX_INSERT, receivers.fold_after_commit
        post_save.connect(receivers.lower_months, sender=Retraction, dispatch_uid="monthly counts")
        retraction_undone.connect(receivers.raise_months, dispatch_uid="monthly counts")
        post_save.connect(receivers.correct_months, sender=Correction, dispatch_uid="monthly counts of corrections")
        cold_plans_changed.connect(receivers.catch_up_with_cold_plans, dispatch_uid="cold plans")
        account_blocked.connect(feed_addresses.revoke_all, sender=User, dispatch_uid="calendars of blocked accounts")
