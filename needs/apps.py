from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("Needs and encounters")

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from needs import (
            leaving,  # noqa: F401  (what members held for an association)
            photos,
            voice,
        )
        from needs.commitments import ending  # noqa: F401  (promises follow where their need goes)
        from needs.retention import declared  # noqa: F401  (the rules)
        from needs.retention.periods import refuse_unsafe

        refuse_unsafe()

        post_delete.connect(photos.drop_file, sender="needs.NeedPhoto", dispatch_uid="photo files")
        post_delete.connect(voice.drop_file, sender="needs.VoiceNote", dispatch_uid="voice files")
