"""Pages of loans: ask, my loans, one loan with its steps."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.conversations import conversation_presenter
from needs.conversations.forms import MessageForm
from needs.conversations.models import Speaker
from needs.models import ConditionNote, Loan, Need
from needs.neighbours.lending import catalogue
from needs.neighbours.lending.loan_models import OPEN_STATES
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_people, loan_requests, loan_steps, need_items, neutral_places
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from needs.neighbours.loans.loan_requests import LoanDraft
from needs.neighbours.loans.loan_steps import ConditionDraft
from needs.neighbours.loans.loan_subject import AboutLoan
from needs.neighbours.loans.loan_transitions import can
from needs.neighbours.loans.loan_wording import BUTTONS, WITH_FORM, now_of
from needs.neighbours.loans.pages.forms import AgreeForm, AskForm, ConditionForm
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request

MOST_ENDED = 30
WITH_CONDITION = (LoanState.HANDED_OVER, LoanState.RETURNED, LoanState.BROKEN)


def ask(request: Request, thing: uuid.UUID) -> HttpResponse:
    """Ask for an item: the days, the number of pieces, the borrower, and the meeting place."""
    user = request.user
    row = get_object_or_404(catalogue.visible_to(user).select_related("association", "owner"), pk=thing)
    associations = list(Association.objects.of(user))
    form = AskForm(
        request.POST or None, item=row, places=neutral_places.for_borrower(row, user), associations=associations,
        initial={"need": request.GET.get("need", ""), "association": associations[0] if associations else None},
    )  # fmt: skip
    need = _need(request, form)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        draft = LoanDraft(
            data["first"], data["last"], data["quantity"], data["association"], data["need"], data["place"]
        )
        try:
            loan = loan_requests.ask(request.viewer, row.pk, draft)
        except Need.DoesNotExist:
            raise Http404 from None
        except LoanRefused as refused:
            form.add_error(None, refused.words)
        else:
            waits = loan.state == LoanState.WAITING
            messages.success(
                request,
                _("It is lent on some of these days: you are on the waiting list.")
                if waits
                else _("Your request is sent."),
            )
            return redirect("needs:loan", loan.pk)
    context = {"item": row, "form": form, "need": need}
    return render(request, "needs/loans/ask.html", context, status=400 if form.is_bound else 200)


def _need(request: Request, form: AskForm) -> Need | None:
    """Return the need to which the request is linked; raise Http404 for a need to which the reader may not link it."""
    wanted = request.POST.get("need", "") if form.is_bound else request.GET.get("need", "")
    if not wanted:
        return None
    try:
        return loan_requests.need_to_tie(request.viewer, uuid.UUID(wanted))
    except (ValueError, Need.DoesNotExist):
        raise Http404 from None


@require_safe
def loans(request: Request) -> HttpResponse:
    """Show the reader's loans, as lender and as borrower; loans that wait for the reader come first."""
    rows = Loan.objects.for_list()
    lent = list(rows.lent_by(request.user).filter(state__in=OPEN_STATES))
    borrowed = list(rows.borrowed_by(request.user).filter(state__in=OPEN_STATES))
    ended = rows.of(request.user).exclude(state__in=OPEN_STATES).order_by("-ended_at")[:MOST_ENDED]
    context = {
        "lent": [(row, now_of(row, LoanSide.OWNER)) for row in _waiting_first(lent, LoanSide.OWNER)],
        "borrowed": [(row, now_of(row, LoanSide.BORROWER)) for row in _waiting_first(borrowed, LoanSide.BORROWER)],
        "ended": ended,
        "today": timezone.localdate(),
    }
    return render(request, "needs/loans/loans.html", context)


def _waiting_first(rows: list[Loan], side: LoanSide) -> list[Loan]:
    return sorted(rows, key=lambda row: (now_of(row, side).main is None, row.period.lower))


def own_loan(request: Request, loan: uuid.UUID) -> tuple[Loan, LoanSide]:
    """Return a loan of the reader's and their side; raise Http404 for any other."""
    row = get_object_or_404(Loan.objects.for_list().of(request.user), pk=loan)
    side = loan_people.side_of(request.user, row)
    if side is None:
        raise Http404
    return row, side


@require_safe
def loan(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, side = own_loan(request, loan)
    return show(request, row, side)


def show(request: Request, row: Loan, side: LoanSide, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the page of a loan. forms: invalid forms that replace the empty ones."""
    about, speaker = AboutLoan(row), Speaker(side.value)
    context = {
        "loan": row,
        "side": side.value,
        "owns": side is LoanSide.OWNER,
        "now": now_of(row, side),
        "owner": loan_people.owner_name(row.item),
        "borrower": loan_people.borrower_name(row),
        "place": row.meeting_place,
        "steps": row.steps.all(),
        "notes": row.condition_notes.all(),
        "thread": conversation_presenter.part_of_page(
            about, speaker, request.user, MessageForm(subject=about, speaker=speaker)
        ),
        "apart": loan_people.are_apart(row),
        "meets": need_items.can_meet(request.viewer, row) if side is LoanSide.BORROWER else [],
        **forms,
    }
    return render(request, "needs/loans/loan.html", context, status=status)


def step(request: Request, loan: uuid.UUID, state: str) -> HttpResponse:
    """Take a step of a loan. If a step needs more information, its form is shown first."""
    row, side = own_loan(request, loan)
    after = next((each for each, _asks in BUTTONS.items() if each == state), None)
    if after is None or (request.method != "POST" and after not in WITH_FORM):
        raise Http404
    if not can(row.state, after, side):
        messages.warning(request, LoanRefused(LoanRefusal.CHANGED).words)
        return redirect("needs:loan", row.pk)
    form = _form_of(request, row, after)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            made = loan_steps.move(row.pk, after, request.user, **_said(form, request.POST.get("seen")))
        except LoanRefused as refused:
            messages.warning(request, refused.words)
        else:
            offering.offer(request, _done(after), "loan-step", made.pk)
        return redirect("needs:loan", row.pk)
    label, icon = BUTTONS[after]
    context = {"loan": row, "after": after, "label": label, "icon": icon, "form": form, "owns": side is LoanSide.OWNER}
    return render(request, "needs/loans/step.html", context, status=400 if form and form.is_bound else 200)


def _form_of(request: Request, row: Loan, after: LoanState) -> AgreeForm | ConditionForm | None:
    """Return the form of a step; None if there is nothing to fill in."""
    data = request.POST if request.method == "POST" else None
    if after == LoanState.AGREED:
        agree = AgreeForm(data, initial={"place": row.meeting_place})
        asked = [row.meeting_place] if row.meeting_place else []
        agree.offer_places([*asked, *(each for each in neutral_places.for_owner(row.item) if each not in asked)])
        return agree
    if after in WITH_CONDITION:
        with_photo = ConditionForm(data, request.FILES or None)
        with_photo.too_large = "photo" in getattr(request, "too_large", ())
        return with_photo
    return None


def _said(form: AgreeForm | ConditionForm | None, seen: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {"expected": seen or None}
    if isinstance(form, AgreeForm):
        data["place"] = form.cleaned_data["place"]
    elif form is not None:
        said = form.cleaned_data
        data["seen"] = ConditionDraft(said["condition"], said["text"], said["photo"])
    return data


def _done(after: LoanState) -> str:
    return {
        LoanState.AGREED: _("You lend it. The days are reserved."),
        LoanState.WAITING: _("The request is on the waiting list."),
        LoanState.DECLINED: _("You declined."),
        LoanState.CANCELLED: _("The loan is cancelled."),
        LoanState.HANDED_OVER: _("Thank you. The loan has begun."),
        LoanState.RETURNED: _("Thank you. The loan is over."),
    }.get(after, _("Thank you for telling us. The loan is over."))


@require_safe
def photo(request: Request, loan: uuid.UUID, seen: int) -> FileResponse:
    """Send the photo of a condition note to the two sides."""
    row, _side = own_loan(request, loan)
    found = get_object_or_404(ConditionNote.objects.exclude(photo=""), loan=row, pk=seen)
    return FileResponse(found.photo.open("rb"), content_type="image/jpeg")


@require_POST
def meet(request: Request, loan: uuid.UUID) -> HttpResponse:
    """Mark the linked need as met by the item that was handed over."""
    row, _side = own_loan(request, loan)
    try:
        need_items.meet(request.viewer, row)
    except LoanRefused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("Thank you. The need counts as met."))
    return redirect("needs:loan", row.pk)
