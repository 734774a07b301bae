"""The page of a crew's thread."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from needs.crew_messages import crew_writing, crews
from needs.crew_messages.crew_writing import TooManyMessages, TourOver
from needs.crew_messages.forms import CrewMessageForm
from volunteers.accounts.http_types import Request


@never_cache
@login_required
def crew(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Show the messages. A POST writes one: for the crew by its people, else as a coordinator."""
    found = crews.crew_for(request.viewer, crew)
    member, over = crews.is_member(request.viewer, found), found.is_over(timezone.now())
    belongs = member or crews.has_seat(request.viewer, found)
    form = CrewMessageForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            crew_writing.write(found, request.user, form.cleaned_data["text"], from_crew=belongs)
            messages.success(request, _("Your message is sent."))
        except TourOver:
            messages.warning(request, _("The tour is over. Nobody would read your message."))
        except TooManyMessages:
            messages.warning(
                request, _("You have written many messages about this tour. Wait a little, or wait for an answer.")
            )
        return redirect("needs:crew", found.key)
    context = {
        "crew": found,
        "member": member,
        "belongs": belongs,
        "over": over,
        "rows": [] if over else found.messages().with_readers(),
        "unread": belongs and not over and found.messages().unseen_by(request.user).exists(),
        "form": form,
    }
    return render(request, "needs/crew_messages/crew.html", context, status=400 if form.is_bound else 200)


@require_POST
@login_required
def read(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Mark the messages of others as read by somebody of the crew."""
    found = crews.crew_for(request.viewer, crew)
    if crews.belongs_to(request.viewer, found):
        crew_writing.mark_read(found, request.user)
    return redirect("needs:crew", found.key)
