from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("Needs and encounters")

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from needs.attachments import photos, voice_notes
        from needs.retention import retention_rules  # noqa: F401  (the rules)
        from needs.retention.retention_periods import refuse_unsafe

        refuse_unsafe()

        post_delete.connect(photos.drop_file, sender="needs.NeedPhoto", dispatch_uid="photo files")
        post_delete.connect(voice_notes.drop_file, sender="needs.VoiceNote", dispatch_uid="voice files")
