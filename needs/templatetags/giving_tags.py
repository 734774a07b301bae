"""Things that neighbours give, for pages of other rooms."""

from typing import Any

from django import template

from needs.models import Item, Need
from needs.neighbours.giving import need_offers
from needs.neighbours.giving.offer_changes import FoundOffer
from solidarity.lib.site import features
from volunteers.models import Association

register = template.Library()


@register.simple_tag(takes_context=True)
def gifts_near(context: dict[str, Any], need: Need) -> list[FoundOffer]:
    """Return the nearest offers that could answer a need; none while lending is switched off. If the page knows the kinds
    that the need still asks for, they are its ``gift_kinds``."""
    if not features.is_on("lending"):
        return []
    user, kinds = context["request"].user, context.get("gift_kinds")
    return need_offers.offers_for(need, user) if kinds is None else need_offers.offers_of(need, kinds, user)


@register.filter
def has_stock(association: Association) -> bool:
    """Whether an association has things with labels."""
    return Item.objects.stock_of(association).exists()
