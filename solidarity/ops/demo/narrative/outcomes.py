"""The states of the demonstration's needs, and the duration of each step."""

from dataclasses import dataclass

from needs.enums import NeedState, Urgency


@dataclass(frozen=True, slots=True)
class Plan:
    """Needs with the same sequence of states. way: the states of the need in order. days_ago: range of days before the
    end of the story in which the needs were filed. old: whether ``count`` grows with the length of the story."""

    count: int
    way: tuple[NeedState, ...]
    days_ago: tuple[float, float]
    old: bool = False
    urgency: Urgency | None = None
    may_be_met: bool = True
    first_hand: bool = False


_N, _V, _O, _C = NeedState.NEW, NeedState.VERIFIED, NeedState.OPEN, NeedState.COMMITTED
GAPS: dict[NeedState, tuple[float, float]] = {  # shortest and longest wait before each state, in hours
    NeedState.VERIFIED: (0.3, 5.0),
    NeedState.OPEN: (0.1, 3.0),
    NeedState.COMMITTED: (0.5, 16.0),
    NeedState.PARTLY_MET: (1.0, 20.0),
    NeedState.MET: (0.7, 22.0),
    NeedState.UNMET: (30.0, 90.0),
    NeedState.DUPLICATE: (0.2, 6.0),
    NeedState.REJECTED: (0.2, 9.0),
    NeedState.EXPIRED: (72.0, 140.0),
}
PLANS = (
    Plan(5, (_N,), (0.01, 0.25), urgency=Urgency.NOW, may_be_met=False),
    Plan(7, (_N,), (0.05, 1.3)),
    Plan(5, (_N, _V), (0.2, 1.5)),
    Plan(11, (_N, _V, _O), (0.3, 4.0)),
    Plan(3, (_N, _V, _O, _C, _O), (1.2, 4.0), first_hand=True),
    Plan(9, (_N, _V, _O, _C), (0.3, 2.5), first_hand=True),
    Plan(4, (_N, _V, _O, _C, NeedState.PARTLY_MET), (1.0, 5.0)),
    Plan(22, (_N, _V, _O, _C, NeedState.MET), (1.5, 14.0), first_hand=True),
    Plan(105, (_N, _V, _O, _C, NeedState.MET), (6.0, 89.0), old=True),
    Plan(14, (_N, _V, _O, _C, _O, NeedState.UNMET), (8.0, 89.0), old=True),
    Plan(22, (_N, _V, _O, NeedState.EXPIRED), (8.0, 89.0), old=True),
    Plan(9, (_N, NeedState.DUPLICATE), (0.5, 60.0), old=True),
    Plan(6, (_N, NeedState.REJECTED), (0.5, 60.0), old=True),
)
