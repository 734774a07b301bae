"""Forms of groups: founding or changing a group, asking to join, answering, leaving, removing a member."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.conversations.contact_words import tells_contact
from needs.models import Group, GroupMember
from needs.neighbours.groups import group_changes
from needs.neighbours.groups.models import DECLINING, REMOVING, GroupRole, JoinReason
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Territory
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer

NO_CONTACT = _("Leave out addresses, telephone numbers and e-mail addresses: members write to each other here.")


class _WordsForm(PiiCheckedForm, forms.Form):
    """A form with texts that may not contain a contact or an address."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.pii_checked:
            if data.get(name) and tells_contact(data[name]):
                self.add_error(name, forms.ValidationError(str(NO_CONTACT)))
        return data


class GroupForm(_WordsForm):
    """A neighbourhood group. Everybody with an account near the group can read its name and its description."""

    pii_checked = {"name": EVERYTHING, "about": EVERYTHING, "welcome": EVERYTHING}

    name = forms.CharField(
        label=_("Name"), max_length=80, validators=[one_line],
        help_text=_("For example “Neighbours of the canal”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    about = forms.CharField(
        label=_("What does the group do?"), max_length=1000, required=False,
        help_text=_("No names, no address. People read it before they join."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    welcome = forms.CharField(
        label=_("Welcome message"), max_length=500, required=False,
        help_text=_("Members read it on the group’s page."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    territory = forms.ModelChoiceField(
        label=_("Where?"), queryset=Territory.objects.none(), to_field_name="slug", empty_label=_("choose"),
        error_messages={"required": _("Choose a territory.")},
    )  # fmt: skip
    asks_first = forms.TypedChoiceField(
        label=_("How do people join?"), coerce=lambda value: value == "yes", initial="yes", widget=forms.RadioSelect,
        choices=[("yes", _("they ask, a host answers")), ("no", _("at once, if an association knows them"))],
    )  # fmt: skip

    def __init__(self, *args: Any, viewer: Viewer, group: Group | None = None, **options: Any) -> None:
        if group is not None:
            options["initial"] = {
                "name": group.name, "about": group.about, "welcome": group.welcome, "territory": group.territory.slug,
                "asks_first": "yes" if group.asks_first else "no",
            }  # fmt: skip
        super().__init__(*args, **options)
        field = self.fields["territory"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = group_changes.territories_for(viewer)
        if group is not None:
            del self.fields["territory"]


class JoinForm(_WordsForm):
    """A short message to the hosts of a group or the dispatchers of an association."""

    pii_checked = {"word": EVERYTHING}

    word = forms.CharField(
        label=_("A few words about you"), required=False, max_length=300,
        help_text=_("What would you like to do? They see your name."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class AnswerRequestForm(forms.Form):
    """The answer to a request. reason: the reason for a refusal."""

    answer = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    reason = forms.ChoiceField(
        label=_("Why not?"), required=False,
        choices=[("", _("choose")), *((each.value, each.label) for each in DECLINING)],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == "no" and not data.get("reason"):
            self.add_error("reason", _("Choose a reason: the person reads it."))
        return data


class RemoveForm(forms.Form):
    """The reason for removing a member."""

    reason = forms.ChoiceField(
        label=_("Why?"), choices=[("", _("choose")), *((each.value, JoinReason(each).label) for each in REMOVING)],
        error_messages={"required": _("Choose a reason: the person reads it.")},
    )  # fmt: skip


class GroupRoleForm(forms.Form):
    role = forms.ChoiceField(choices=GroupRole.choices)


class _HeirField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.first_name)


class LeaveGroupForm(forms.Form):
    """Leave a group. heir: the member who becomes host; only the last host must name one."""

    heir = _HeirField(
        label=_("Who becomes host?"), queryset=GroupMember.objects.none(), required=False,
        empty_label=_("nobody: the coordinators are told"),
    )  # fmt: skip

    def __init__(self, *args: Any, group: Group, without: int, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["heir"]
        assert isinstance(field, forms.ModelChoiceField)
        others = GroupMember.objects.filter(group=group, user__is_active=True).exclude(user=without)
        field.queryset = others.select_related("user").order_by("joined_at")
