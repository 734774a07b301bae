"""The items of the set-up checklist that are about operation: back-up and public address."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from solidarity.ops.backups import making
from solidarity.ops.operation.deploy_checks import is_local
from volunteers.site.setup_checklist import checklist
from volunteers.site.setup_checklist.checklist import Item


def _is_backed_up() -> bool:
    try:
        return making.newest() is not None
    except OSError:
        return False


def register() -> None:
    """Add the items to the checklist."""
    checklist.register(
        Item(
            "back_up",
            _("A back-up"),
            _("A broken disk must not destroy the reports of a whole winter."),
            "ops/operation/item_back_up.html",
            _is_backed_up,
            in_demo=False,
        ),
        Item(
            "public_address",
            _("The public address"),
            _("People and phones reach the site only under an address of its own, with https."),
            "ops/operation/item_public_address.html",
            lambda: settings.SITE_URL.startswith("https://") and not is_local(),
            in_demo=False,
        ),
    )
