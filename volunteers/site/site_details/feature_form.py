"""The form with the parts of the site that are on. It refuses to close a part before its open things end."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from solidarity.lib.site import features
from solidarity.lib.site.features import Feature, Preset
from volunteers.places.territories import duties

PRESET = "preset"
"""The name of the buttons that choose a whole preset instead of single parts."""


class FeaturesForm(forms.Form):
    """One tick for each part of the site."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(_of_preset(data), initial=_ticks(on_now()))
        for each in features.every():
            self.fields[each.key] = forms.BooleanField(required=False, label=str(each.name), help_text=str(each.about))

    def clean(self) -> dict[str, Any]:
        super().clean()
        wanted, before = self.wanted(), on_now()
        for each in features.every():
            for problem in _problems(each, wanted, before):
                self.add_error(each.key, problem)
        return self.cleaned_data

    def wanted(self) -> set[str]:
        """Return the keys of the parts that are ticked."""
        return {each.key for each in features.every() if self.cleaned_data.get(each.key)}

    def left_out(self) -> list[str]:
        """Return the keys of the parts that are not ticked, to be stored."""
        return sorted({each.key for each in features.every()} - self.wanted())


def on_now() -> set[str]:
    """Return the keys of the parts that are on."""
    return {each.key for each in features.every()} - features.off()


def came_in_late() -> list[str]:
    """Return a sentence for open things of each part that is off. They came in while somebody switched it off."""
    return [
        _("%(part)s: %(open)s") % {"part": each.name, "open": sentence}
        for each in features.every()
        if each.key in features.off()
        for sentence in features.open_things_of(each)
    ]


def _of_preset(data: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the ticks of the preset that somebody chose, or the data as they are."""
    chosen = data.get(PRESET) if data is not None else None
    return _ticks(features.in_preset(Preset(chosen))) if chosen in Preset.values else data


def _ticks(keys: Collection[str]) -> dict[str, bool]:
    return {each.key: each.key in keys for each in features.every()}


def _problems(feature: Feature, wanted: Collection[str], before: Collection[str]) -> list[str]:
    """Return the sentences that say why a part cannot be switched, and what to do."""
    is_wanted, was_on = feature.key in wanted, feature.key in before
    if was_on and not is_wanted:
        return features.open_things_of(feature)
    if not is_wanted:
        return []
    lacks = [each.name for each in features.every() if each.key in feature.requires and each.key not in wanted]
    found = [_("This needs another part. Tick it too: %(part)s.") % {"part": name} for name in lacks]
    if feature.strangers and not was_on and not duties.somebody_moderates():
        found.append(
            _(
                "Here people write to people they do not know. First give somebody the duty of coordinator: they moderate."
            )
        )
    return found
