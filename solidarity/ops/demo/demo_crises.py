"""A cold snap in the demonstration: a crisis event with reports."""

import io
import json
import random
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.gis.geos import Point
from PIL import Image, ImageDraw

from needs.base.attachments import photos
from needs.base.event_rights import event_agreements
from needs.base.need_filters.need_filters import SearchQuery
from needs.crises.crisis_events import PRESET, as_multipolygon
from needs.enums import AlarmSource, AlarmStep, Channel, NeedState, SearchPage, Urgency
from needs.models import AlarmStepTaken, Crisis, CrisisCategory, DangerAlarm, Need, NeedStep, SavedSearch
from needs.reports.filing import follow_hash, follow_token
from solidarity.lib import field_encryption, grid
from solidarity.lib.danger_words.matcher import flags_in
from solidarity.lib.database.idempotent_insert import content_hash
from solidarity.ops.demo.people import SPACE, Cast
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer

SLUG = "grand-froid"
TEXTS = Path(__file__).parent / "fixtures" / "cold_snap.json"
LANGUAGE = "fr"
REPORTS = 45
HOURS = 40
ANSWERED_AFTER = timedelta(minutes=4)
_SAID = (
    "Deux personnes sous l’auvent, une couverture pour deux.", "Une dame assise depuis ce matin, elle grelotte.",
    "Il ne répond pas bien, les lèvres bleues.", "Une famille avec un petit, devant la gare.",
    "A man with a dog; he does not want to leave it.", "Ils ont une tente, mais plus de duvets.", "", "",
)  # fmt: skip
_WHERE = ("sous le pont", "devant la bouche du métro", "près du square", "derrière la gare", "")


def enter(cast: Cast, paris: Territory, until: datetime) -> dict[str, int]:
    """Store the event and its reports in the caller's transaction. Safe to repeat; storing.wipe deletes them."""
    texts = json.loads(TEXTS.read_text(encoding="utf-8"))
    own = texts.pop(LANGUAGE)
    crisis, _made = Crisis.objects.update_or_create(
        slug=SLUG,
        defaults={
            **own, "language": LANGUAGE, "texts": texts, "area": as_multipolygon(paris.polygon),
            "starts_at": until - timedelta(hours=HOURS), "ends_at": None, "closed_at": None, "author_id": cast.logins["coordinator"],
        },
    )  # fmt: skip
    coordinator = User.objects.get(pk=cast.logins["coordinator"])
    event_agreements.agree(crisis, Viewer(coordinator), phone_is_enough=False)
    if not crisis.categories.exists():
        for order, topic in enumerate(PRESET):
            values = {"names": dict(topic.names), "kind": topic.kind}
            crisis.categories.create(order=order, **values)
    categories = list(crisis.categories.all())
    reported = Need.objects.live().filter(channel=Channel.DEMO, crisis=None).exclude(point=None).order_by("pk")
    places = [point for point in reported.values_list("point", flat=True) if point is not None]
    known = {grid.cell_of(place.y, place.x) for place in places}
    chance = random.Random(SLUG)  # noqa: S311
    needs = [
        _report(number, crisis, categories, places, known, until, chance) for number in range(REPORTS if places else 0)
    ]
    Need.objects.bulk_create(needs)
    NeedStep.objects.bulk_create(NeedStep(need=need, state=need.state, at=need.state_at) for need in needs)
    alarms = _answered_alarms(needs, cast.logins["dispatcher"])
    if needs:
        photos.add_first(needs[0].pk, _picture())
    SavedSearch.objects.update_or_create(
        user_id=cast.logins["dispatcher"],
        page=SearchPage.CRISIS,
        name="Aujourd’hui, sans abri",
        defaults={
            "crisis": crisis,
            "query": SearchQuery(urgency=(Urgency.NOW,), topics=(categories[0].pk,)).to_json(),
            "association_id": cast.associations[0],
        },
    )
    return {"crisis reports": len(needs), "danger alarms": alarms}


def _answered_alarms(needs: list[Need], dispatcher: int) -> int:
    """Store the alarms of reports with danger words. In the story, the dispatcher called for help within minutes.
    Return their number."""
    found = [(need, flags) for need in needs if (flags := flags_in(need.text))]
    alarms = [
        DangerAlarm(
            need=need, flags=sorted(str(flag) for flag in flags), source=AlarmSource.WORDS, raised_at=need.at,
            step=AlarmStep.CALLED, acknowledged_at=need.at + ANSWERED_AFTER, acknowledged_by_id=dispatcher,
        )
        for need, flags in found
    ]  # fmt: skip
    DangerAlarm.objects.bulk_create(alarms)
    AlarmStepTaken.objects.bulk_create(
        AlarmStepTaken(alarm=alarm, step=alarm.step, by_id=dispatcher, at=need.at + ANSWERED_AFTER)
        for alarm, (need, _flags) in zip(alarms, found, strict=True)
    )
    return len(alarms)


def _report(
    number: int,
    crisis: Crisis,
    categories: list[CrisisCategory],
    places: list[Point],
    known: set[int],
    until: datetime,
    chance: random.Random,
) -> Need:
    near = chance.choice(places)
    place = Point(near.x + chance.uniform(-0.004, 0.004), near.y + chance.uniform(-0.003, 0.003), srid=4326)
    if grid.cell_of(place.y, place.x) not in known:  # the point is outside the city, or in the river
        place = near
    cell, fine = grid.cells_of(place.y, place.x)
    key = uuid.uuid5(SPACE, f"{SLUG} {number}")
    at = until - timedelta(hours=HOURS * chance.random() ** 1.5)  # more reports towards the end
    category = chance.choice(categories)
    return Need(
        id=key, content_hash=content_hash({SLUG: number}), at=at, filed_at=at, point=place,
        cell=cell, fine_cell=fine, channel=Channel.DEMO,
        source=uuid.uuid5(key, "device").hex, kinds=[category.kind], crisis=crisis, crisis_category=category,
        urgency=chance.choices(Urgency.values, (5, 3, 1))[0], persons=chance.choice((1, 1, 1, 2, 2, 3, 5)),
        text=chance.choice(_SAID), place_text=chance.choice(_WHERE),
        contact=field_encryption.encrypt(f"06 39 98 {number:02} {97 - number:02}") if number % 3 == 0 else None,
        follow_hash=follow_hash(follow_token(key)),
        state=chance.choices((NeedState.NEW, NeedState.VERIFIED, NeedState.OPEN), (5, 2, 3))[0], state_at=at,
    )  # fmt: skip


def _picture() -> bytes:
    """Return a drawing of a street at night, without people."""
    scene = Image.new("RGB", (960, 640), (24, 30, 52))
    brush = ImageDraw.Draw(scene)
    for left, top in ((0, 210), (210, 140), (430, 250), (640, 170), (820, 230)):
        brush.rectangle((left, top, left + 190, 520), fill=(46, 54, 84))
        for right in range(left + 25, left + 165, 50):
            for down in range(top + 30, 480, 70):
                brush.rectangle(
                    (right, down, right + 22, down + 34), fill=(236, 196, 104) if (right + down) % 3 else (58, 66, 98)
                )
    brush.rectangle((0, 520, 960, 640), fill=(210, 218, 230))
    brush.polygon(((560, 600), (640, 500), (720, 600)), fill=(176, 84, 56))
    out = io.BytesIO()
    scene.save(out, "PNG")
    return photos.reencode(io.BytesIO(out.getvalue()))
