"""Things that people of the demonstration lend, look for and give, and the stock of one association."""

import random
from datetime import datetime, timedelta

from django.utils import timezone

from needs.enums import Channel
from needs.models import Item, Need, Offer, Wish
from needs.neighbours.giving import offer_changes, offer_requests
from needs.neighbours.giving.offer_changes import OfferDraft
from needs.neighbours.lending import item_changes, stock, wishes
from needs.neighbours.lending.item_changes import ItemDraft
from needs.neighbours.lending.item_kinds import ItemCategory as Thing
from needs.neighbours.lending.item_kinds import StockReason
from solidarity.ops.demo.people import Cast
from volunteers.models import Association, User

PARIS_CELL = 0x891FB4662D7FFFF
"""Where everything is if no need has a cell."""
LENT = (
    (Thing.SLEEPING_BAG, "Sac de couchage, confort −5 °C", "good"),
    (Thing.TENT, "Tente deux places, montage rapide", "good"),
    (Thing.STROLLER, "Poussette pliante avec protège-pluie", "good"),
    (Thing.CRUTCHES, "Paire de béquilles réglables", "worn"),
    (Thing.WHEELCHAIR, "Fauteuil roulant pliant", "good"),
    (Thing.HEATER, "Petit chauffage soufflant", "good"),
    (Thing.STOVE, "Réchaud à gaz, sans cartouche", "worn"),
    (Thing.PHONE, "Téléphone à touches avec chargeur", "worn"),
    (Thing.POWER_BANK, "Batterie externe 20 000 mAh", "new"),
    (Thing.BICYCLE, "Vélo de ville avec antivol", "good"),
    (Thing.TROLLEY, "Chariot de marché", "good"),
    (Thing.BACKPACK, "Sac à dos 60 litres", "worn"),
    (Thing.COT, "Lit parapluie pour bébé", "good"),
    (Thing.MAT, "Matelas de sol isolant", "new"),
    (Thing.TOOLS, "Visseuse et boîte à outils", "good"),
    (Thing.OTHER, "Machine à coudre", "good"),
)
STOCK = (
    (Thing.SLEEPING_BAG, "Sacs de couchage grand froid", 24, 6),
    (Thing.BLANKET, "Couvertures de laine", 40, 15),
    (Thing.TENT, "Tentes deux secondes", 8, 3),
    (Thing.MAT, "Matelas isolants", 30, 10),
    (Thing.POWER_BANK, "Batteries externes", 12, 4),
    (Thing.STROLLER, "Poussettes", 3, 1),
    (Thing.BACKPACK, "Sacs à dos", 9, 10),
    (Thing.STOVE, "Réchauds", 5, 2),
    (Thing.OTHER, "Kits d’hygiène", 50, 20),
)
WANTED = (
    (Thing.STROLLER, "pour des jumeaux, si possible"),
    (Thing.CRUTCHES, ""),
    (Thing.HEATER, "pour un local sans chauffage"),
    (Thing.OTHER, "une imprimante pour des démarches"),
)
GIVEN = (
    ("meal", "food", "30 repas chauds à 20 h", 30, 6),
    ("thing", "clothes", "Manteaux d’hiver, tailles M à XL", 8, 90),
    ("thing", "blanket", "20 couvertures neuves", 20, 60),
    ("time", "transport", "Deux heures avec une camionnette", 2, 30),
    ("thing", "hygiene", "Kits de toilette", 15, 120),
    ("time", "papers", "Aide pour des dossiers, samedi matin", 4, 70),
)


def enter(cast: Cast, number: int, until: datetime) -> dict[str, int]:
    """Replace the items that the demonstration's people lend and give; return row counts. The result depends only on
    the seed and the stored needs."""
    dice = random.Random(f"lending:{number}")
    needs = Need.objects.takeable().filter(channel=Channel.DEMO).order_by("pk").values_list("cell", flat=True)
    cells = [cell for cell in needs if cell is not None] or [PARIS_CELL]
    people = [*cast.volunteers, *(user for team in cast.members for user in team)]
    users = {user.pk: user for user in User.objects.filter(pk__in=people)}
    team = Association.objects.get(pk=cast.associations[0])
    for model in (Item, Wish, Offer):
        model._default_manager.filter(owner__in=people).delete()
        model._default_manager.filter(association__in=cast.associations).delete()
    for place, (category, name, condition) in enumerate(LENT):
        owner = users[people[(place * 3 + 1) % len(people)]]
        item_changes.add(ItemDraft(category, name, dice.choice(cells), condition=condition), owner)
    _stock(team, users[cast.members[0][0]], cells[0])
    for place, (category, text) in enumerate(WANTED):
        seeker = users[people[(place * 5 + 2) % len(people)]]
        wishes.make(seeker, category, dice.choice(cells), until + timedelta(days=20 + place), text=text)
    _give(cast, users, people, cells, dice, until)
    return {
        "items": Item.objects.count(),
        "wishes": Wish.objects.count(),
        "offers to give": Offer.objects.count(),
    }


def _stock(team: Association, author: User, cell: int) -> None:
    """Store the stock of an association; a part of the stock is on a tour."""
    for category, name, quantity, minimum in STOCK:
        draft = ItemDraft(category, name, cell, quantity=quantity, minimum=minimum)
        made = item_changes.add(draft, author, team)
        if quantity > 20:
            stock.move(made.pk, -quantity // 4, StockReason.OUT, author=author)


def _give(
    cast: Cast, users: dict[int, User], people: list[int], cells: list[int], dice: random.Random, until: datetime
) -> None:
    """Store offers; one request waits, another is agreed."""
    for place, (kind, category, title, quantity, hours) in enumerate(GIVEN):
        giver = users[people[(place * 4 + 3) % len(people)]]
        draft = OfferDraft(kind, category, title, quantity, until, until + timedelta(hours=hours), dice.choice(cells))
        made = offer_changes.add(draft, giver)
        asker = users[cast.members[1][0]]
        if place in (1, 2) and asker != giver and made.expires_at > timezone.now():
            asked = offer_requests.ask(made.pk, asker, 3, message="Pour la maraude de ce soir")
            if place == 2:
                offer_requests.agree(asked.pk, giver, "À 18 h devant la gare")
