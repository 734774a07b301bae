"""The page on which a coordinator chooses to be shown as the person in charge."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.models import Assignment
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.models import one_line
from volunteers.places.territories import in_charge


class InChargeForm(forms.ModelForm):
    """Whether a coordinator is shown, and the contact that everybody can then read."""

    class Meta:
        model = Assignment
        fields = ("shown", "contact")
        labels = {"shown": gettext_lazy("Show me as the person in charge")}
        help_texts = {
            "shown": gettext_lazy("Everybody can read your display name and this line, also on the public map."),
            "contact": gettext_lazy(
                "Give an address or a number for this duty, such as “nord@association.org”. Do not give your private one."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contact"].validators.append(one_line)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("shown") and not values.get("contact") and "contact" not in self.errors:
            self.add_error("contact", _("Write how people can reach you."))
        return values


def choose(request: Request, slug: str) -> HttpResponse:
    """Show and store the choice of the reader, for a territory that they coordinate themselves."""
    own = request.user.assignments.coordinating().select_related("territory")
    assignment = get_object_or_404(own, territory__slug=slug)
    form = InChargeForm(request.POST or None, instance=assignment)
    if request.method == "POST" and form.is_valid():
        in_charge.choose(assignment, shown=form.cleaned_data["shown"], contact=form.cleaned_data["contact"])
        messages.success(request, _("Your choice is saved."))
        return redirect("volunteers:me")
    context = {"form": form, "territory": assignment.territory}
    return render(request, "volunteers/territories/in_charge.html", context)
