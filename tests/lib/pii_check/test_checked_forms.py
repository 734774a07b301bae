"""Every form and API body with free text has the PII check, or is exempted with a reason."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django import forms
from drf_spectacular.generators import SchemaGenerator

from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer

APPS = ("volunteers", "needs", "mapping", "solidarity")
CHOSEN = "a name that somebody gives to their own search, read by their own association"
OWN = "somebody's own name, number or address, for their own account"
MACHINE = "filled in by a page or a program, no words"
FORMS = {
    "needs.reports.forms.PlaceForm.place_text": "a part of other forms, which check it",
    "needs.reports.encounter_forms.NobodyForm.place_text": "one tap: the field is not shown, and nothing of it is stored",
    "mapping.plans.tour_plans.forms.SuggestForm.place_text": "the field is not shown, and nothing of it is stored",
    "needs.base.custom_questions.forms.QuestionForm.label_en": "asked of everybody, written before anyone is met; answers are guarded",
    "needs.base.custom_questions.forms.QuestionForm.label_fr": "asked of everybody, written before anyone is met; answers are guarded",
    "needs.reports.need_forms.NeedForm.contact": "made for a contact; it is stored encrypted",
    "needs.help.reporter_pages.forms.LinkForm.to": "the reporter's own number or address: used once, or stored encrypted by choice",
    "needs.crises.forms.CrisisReportForm.gate": "one of the answers to the questions about danger; no free text",
    "needs.crises.forms.CrisisReportForm.contact": "made for a contact; it is stored encrypted",
    "needs.guide.places.forms.EntryForm.name": "the name of a service, written to be published",
    "needs.guide.places.forms.EntryForm.place_text": "the address of a service, written to be published",
    "needs.guide.places.forms.MistakeForm.website": "a trap for programs; not stored",
    "needs.guide.places.forms.PlaceSearchForm.name": "narrows a list, nothing of it is stored",
    "needs.guide.places.hours.forms.HoursForm.rules": "opening hours in the syntax of OpenStreetMap; anything else is refused",
    "needs.neighbours.local_events.pages.forms.EventForm.place_text": "the address of an event, written to be published",
    "needs.neighbours.local_events.pages.forms.StopForm.place_text": "the name of a stop, written to be published",
    "needs.neighbours.local_events.pages.forms.NearForm.label": "the name of a place, shown to its reader again and not stored",
    "needs.neighbours.local_events.pages.forms.OnForm.on": MACHINE,
    "needs.neighbours.local_events.pages.forms.DayForm.on": MACHINE,
    "needs.tours.next_crew_words.forms.NextCrewWordForm.territory": MACHINE,
    "needs.conversations.moderation_desk.content_report_forms.ReportContentForm.website": "a trap for programs; not stored",
    "needs.conversations.moderation_desk.forms.HeldWordForm.word": "a word of the list of held words",
    "needs.conversations.moderation_desk.forms.TryForm.text": "compared with the list of held words, and not stored",
    "needs.help.phone_intake.forms.PhoneCallForm.caller_name": "made for the caller's name; it is stored encrypted",
    "needs.help.phone_intake.forms.PhoneCallForm.number": "made for a telephone number; it is stored encrypted",
    "needs.help.phone_intake.forms.SimilarForm.place_text": "compared with needs while a dispatcher types, and not stored",
    "needs.help.phone_intake.forms.SimilarForm.text": "compared with needs while a dispatcher types, and not stored",
    "needs.help.saved_searches.forms.AlertForm.name": CHOSEN,
    "needs.help.triage.forms.SaveSearchForm.name": CHOSEN,
    "needs.guide.find_help.signpost_forms.SignpostForm.cell": "an H3 cell; anything else is refused",
    "needs.guide.find_help.forms.FindForm.label": "the name of a place, shown to its reader again and not stored",
    "needs.neighbours.stock_labels.forms.ScanForm.label": "ten letters and digits of a label; anything else is refused",
    "needs.neighbours.lending.forms.NearThingsForm.words": "narrows a list, nothing of it is stored",
    "needs.help.triage.working_list.forms.ListSearchForm.words": "narrows a list; kept for hours under the reader's own key",
    "needs.crises.forms.KeepCrisisSearchForm.name": CHOSEN,
    "volunteers.site.setup_checklist.forms.AddressesForm.department": "the number of a department; anything else is refused",
    "volunteers.site.audit_log.log_page.AuditFilter.who": "narrows a list, nothing of it is stored",
    "volunteers.site.audit_log.log_page.AuditFilter.object": "narrows a list, nothing of it is stored",
    "mapping.admin.ParametersForm.reason": "the administration's; coordinators write it on the checked page",
    "needs.base.cold_plans.forms.ReadingForm.at": MACHINE,
    "needs.base.site_categories.forms.SiteCategoryForm.name_en": "names a kind of need for everybody",
    "needs.base.site_categories.forms.SiteCategoryForm.name_fr": "names a kind of need for everybody",
    "needs.crises.manage_forms.CategoryForm.name_en": "names a kind of need for everybody",
    "needs.crises.manage_forms.CategoryForm.name_fr": "names a kind of need for everybody",
    "needs.doors.language_reviews.forms.ReviewForm.note": "about a translation, not about people met",
    "needs.doors.language_reviews.forms.ReviewForm.reviewer": "how a speaker wants to be named, said by themselves",
    "mapping.plans.territory_setup.forms.CountFields.count_source": "the publisher of an official count",
    "mapping.plans.territory_setup.forms.CountForm.count_source": "the publisher of an official count",
    "mapping.plans.territory_setup.forms.NewTerritoriesForm.root_name": "the name of a place, shown on the public map",
    "mapping.plans.territory_setup.forms.NewTerritoriesForm.count_source": "the publisher of an official count",
    "mapping.plans.territory_setup.forms.CommuneSearchForm.said": "the name of a commune, looked up and not stored",
    "mapping.plans.territory_setup.forms.CommuneDownloadForm.areas": "numbers of departments",
    "mapping.plans.territory_setup.forms.TerritoryForm.name": "the name of a place, shown on the public map",
    "mapping.plans.territory_setup.forms.TerritoryForm.count_source": "the publisher of an official count",
    "mapping.out.file_imports.forms.SaveMappingForm.name": CHOSEN,
    "mapping.out.scheduled_reports.forms.ScheduleForm.recipients": "names and addresses of people who get a report; stored encrypted",
    "mapping.out.scheduled_reports.forms.ScheduleForm.addressee": "the office to which a report is addressed",
    "mapping.out.report_pages.forms.ReportForm.recipient": "the addressee of a report, written to be printed on it",
    "mapping.out.offboarding.views.LeaveForm.name": "typed again to confirm, compared and not stored",
    "volunteers.people.tokens.forms.TokenForm.name": OWN,
    "volunteers.people.sign_in.forms.EvenSignupForm.username": "not shown: there are no user names",
    "volunteers.people.sign_in.forms.ProfileForm.display_name": OWN,
    "volunteers.site.applications.forms.ApplicationForm.name": "the name of an association",
    "volunteers.site.applications.forms.ApplicationForm.person": "the applicant's own name, deleted two weeks after the answer",
    "volunteers.people.associations.profile_forms.AssociationProfileForm.contact": "an association's contact, written to be published",
    "volunteers.site.first_start.forms.AdministratorForm.display_name": OWN,
    "volunteers.site.first_start.forms.AdministratorForm.password1": "a password, stored as a hash",
    "volunteers.site.first_start.forms.FactorForm.code": "a code of digits, compared and not stored",
    **{
        f"volunteers.site.site_details.forms.OrganisationForm.{name}": "the organisation that runs the site, written to be published"
        for name in ("name", "phone", "address", "number", "director", "host")
    },
    "volunteers.site.site_details.forms.TestTextForm.phone": "where a test message goes, used once and not stored",
    "volunteers.site.people.forms.PeopleForm.said": "narrows a list, nothing of it is stored",
    "volunteers.site.people.forms.SignUpForm.ask": "whom to ask for an invitation, written by an administrator to be published",
    "volunteers.places.place_names.forms.SearchForm.text": "looks up an address; neither stored nor logged",
    "volunteers.places.territories.in_charge_views.InChargeForm.contact": "how to reach a coordinator, in their words, published",
    "volunteers.people.notifications.forms.PhoneForm.phone": OWN,
    "volunteers.people.notifications.forms.CodeForm.code": OWN,
    "volunteers.people.notifications.forms.BrowserForm.endpoint": MACHINE,
    "volunteers.people.notifications.forms.BrowserForm.p256dh": MACHINE,
    "volunteers.people.notifications.forms.BrowserForm.auth": MACHINE,
}
BODIES = {
    "Need.contact": "made for a contact; it is stored encrypted",
    "CrisisReport.contact": "made for a contact; it is stored encrypted",
    "BatchedNeed.contact": "made for a contact; it is stored encrypted",
    "BatchedCrisisReport.contact": "made for a contact; it is stored encrypted",
    "Search.name": CHOSEN,
    "NewAlert.name": CHOSEN,
    "NewAlert.territory": "the short name of a territory",
    "Query.area": "the short name of a territory",
    "NeedCorrection.district": "the short name of a territory",
    "BatchAsk.area": "the short name of a territory",
    "BatchAsk.seen": MACHINE,
}


def _modules() -> Iterator[ModuleType]:
    for app in APPS:
        package = importlib.import_module(app)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            parts = found.name.split(".")
            # locust changes sockets and threads of the whole process that imports it.
            if not {"migrations", "local", "management", "wsgi", "asgi", "locustfile"} & set(parts):
                yield importlib.import_module(found.name)


def _ours[K](kind: type[K]) -> list[type[K]]:
    """Return all subclasses that the project defines."""
    found = {
        value
        for module in _modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, kind) and value.__module__.split(".")[0] in APPS
    }
    return sorted(found, key=lambda each: (each.__module__, each.__qualname__))


def _name(owner: type, field: str) -> str:
    return f"{owner.__module__}.{owner.__qualname__}.{field}"


def free_fields_of_forms() -> dict[str, bool]:
    """Return the text fields of forms, each with whether it is checked."""
    free = {}
    for form in _ours(forms.BaseForm):
        for name, field in getattr(form, "base_fields", {}).items():
            words = type(field) is forms.CharField and not field.widget.is_hidden
            if words:
                checked = issubclass(form, PiiCheckedForm) and name in form.pii_checked
                free[_name(form, name)] = checked
    return free


def free_fields_of_bodies() -> dict[str, bool]:
    """Return the free-text properties of request bodies in the schema, each with whether it is checked."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    parts = schema["components"]["schemas"]
    checked = {each.__name__.removesuffix("Serializer"): each.pii_checked for each in _ours(PiiCheckedSerializer)}
    free = {}
    for name in _sent(schema):
        for key, said in parts[name].get("properties", {}).items():
            if said.get("type") == "string" and not said.keys() & {"format", "enum", "pattern", "readOnly"}:
                whose = name.removesuffix("Request").removeprefix("Patched")
                free[f"{whose}.{key}"] = key in checked.get(whose, {})
    return free


def _sent(schema: Any) -> set[str]:
    """Return the names of the schema components that request bodies contain, directly or nested."""
    said = json.dumps([way.get("requestBody", {}) for path in schema["paths"].values() for way in path.values()])
    found: set[str] = set()
    waiting = set(re.findall(r"#/components/schemas/(\w+)", said))
    while waiting:
        found |= waiting
        inner = json.dumps([schema["components"]["schemas"][name] for name in waiting])
        waiting = set(re.findall(r"#/components/schemas/(\w+)", inner)) - found
    return found


def test_every_form_with_free_text_is_checked_or_exempted_with_a_reason() -> None:
    free = free_fields_of_forms()
    assert {name for name, checked in free.items() if not checked} == set(FORMS)
    assert sum(free.values()) >= 20


def test_every_api_body_with_free_text_is_checked_or_exempted_with_a_reason() -> None:
    free = free_fields_of_bodies()
    assert {name for name, checked in free.items() if not checked} == set(BODIES)
    assert sum(free.values()) >= 9
