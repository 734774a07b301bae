"""The parts of a need's page for dispatchers that show and correct its place and its other values."""

from needs.base.lifecycle import transitions
from needs.enums import Actor, NeedState, ReportKind
from needs.help.corrections.correcting import version_of
from needs.help.corrections.forms import LookUpForm, NeedCorrectionForm, current_values, fresh, need_initial
from needs.models import Need
from needs.reports.correction_history.correction_history import Entry


class NeedPanels:
    """The forms that correct a need. look_up, form: forms to show again. newer: corrections by somebody else.
    may_open: whether a dispatcher can open the need to volunteers."""

    def __init__(
        self,
        need: Need,
        *,
        look_up: LookUpForm | None = None,
        form: NeedCorrectionForm | None = None,
        newer: list[Entry] | None = None,
    ) -> None:
        hidden = fresh(version_of(ReportKind.NEED, need.pk))
        self.opened = form is not None
        asks = need.lacks_place and not need.is_finished
        self.look_up = look_up or (LookUpForm(initial=hidden, auto_id="place_%s") if asks else None)
        self.may_open = transitions.can(need.state, NeedState.OPEN, Actor.DISPATCHER)
        initial = need_initial(current_values(need)) | hidden
        self.form = form or NeedCorrectionForm(initial=initial, auto_id="correct_%s")
        self.newer = newer or []
