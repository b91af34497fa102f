"""What of a listing or an entry of the directory can be found by words."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from catalog import queries
from catalog.labels import label
from catalog.search.indexes.port import DocKind, Document, Title, What
from catalog.views import EnterpriseCard, ListingCard
from catalog.vocabulary import THEME_OF, Cluster, ListingKind, Slope
from marketplace.kernel import changes

_FACTS = (
    ("lift", "有电梯 lift elevator"),
    ("no_steps", "无台阶 无障碍 轮椅 step-free wheelchair"),
    ("grab_bars", "扶手 grab bars"),
    ("family_suited", "家庭 三代同游 family"),
)
_NEAR_HOSPITAL = (30, "离医院近 hospital near")
"""The longest drive, in minutes, that is called near."""

_CLUSTERS = {
    Cluster.HUNCHUN: "珲春 Hunchun",
    Cluster.CHANGBAI: "长白山 Changbai",
    Cluster.JIAN: "集安 Ji'an",
    Cluster.RING_CHANGBAI_SPRINGS: "环长白山 Changbai",
}
"""What people call a cluster. The full labels hold 温泉, which would make every place a spring."""


def _both(member: enum.StrEnum | None) -> str:
    return f"{label(member)} {label(member, 'en')}" if member is not None else ""


def _titles(what: What, *named: tuple[str | None, str | None]) -> tuple[Title, ...]:
    """Return names as they complete what is being typed."""
    return tuple(
        Title(text, lang, what)
        for pair in named
        for text, lang in zip(pair, ("zh-CN", "en"), strict=True)
        if text
    )


def _place(
    *,
    towns: tuple[str, str],
    divisions: tuple[str, str],
    clusters: Collection[Cluster],
    slope: Slope | None = None,
) -> str:
    named = [_CLUSTERS.get(cluster, "") for cluster in clusters]
    return " ".join([*towns, *divisions, *named, _both(slope)])


def listing_document(card: ListingCard) -> Document:
    """Return the document of a listing: of a stay, or of something else on sale."""
    facts = [words for name, words in _FACTS if getattr(card, name)]
    minutes, near_hospital = _NEAR_HOSPITAL
    if card.hospital_minutes is not None and card.hospital_minutes <= minutes:
        facts.append(near_hospital)
    return Document(
        kind=DocKind.LISTING if card.kind is ListingKind.STAY else DocKind.OFFER,
        id=card.id,
        name=f"{card.name_zh} {card.name_en} {card.enterprise_zh} {card.enterprise_en}",
        place=_place(
            towns=(card.town_zh, card.town_en),
            divisions=(card.prefecture, card.county),
            clusters=card.clusters,
            slope=card.slope,
        )
        + f" {card.station_zh or ''} {card.station_en or ''}",
        body=" ".join(
            [
                card.summary_zh,
                card.summary_en,
                _both(card.kind) if card.kind is not ListingKind.STAY else "",
                _both(card.theme),
                _both(card.heating),
                *(_both(tag) for tag in card.food),
                _both(card.spring),
                _both(card.activity),
                *(_both(service) for service in card.tcm),
                *facts,
            ]
        ),
        titles=_titles(What.NAME, (card.name_zh, card.name_en))
        + _titles(
            What.PLACE,
            (card.town_zh, card.town_en),
            (card.station_zh, card.station_en),
            (card.county, None),
            (card.prefecture, None),
        ),
    )


def enterprise_document(card: EnterpriseCard) -> Document:
    """Return the document of an entry of the directory."""
    return Document(
        kind=DocKind.ENTERPRISE,
        id=card.id,
        name=f"{card.name_zh} {card.name_en}",
        place=_place(
            towns=(card.town_zh, card.town_en),
            divisions=(card.prefecture, card.county),
            clusters=card.clusters,
        ),
        body=" ".join(
            [card.note_zh, card.note_en, _both(card.category), _both(THEME_OF[card.category])]
        ),
        titles=_titles(What.NAME, (card.name_zh, card.name_en))
        + _titles(
            What.PLACE,
            (card.town_zh, card.town_en),
            (card.county, None),
            (card.prefecture, None),
        ),
    )


def listing_documents(session: Session, ids: Collection[int] | None) -> list[Document]:
    """Return the documents of the visible listings among ``ids``; ``None`` asks for all."""
    return [listing_document(card) for card in queries.cards(session, ids)]


def enterprise_documents(session: Session, ids: Sequence[int] | None) -> list[Document]:
    """Return the documents of the listed entries among ``ids``; ``None`` asks for all."""
    return [enterprise_document(card) for card in queries.all_enterprises(session, ids)]


def all_documents(session: Session) -> list[Document]:
    """Return every document of an index: visible listings, and the real directory."""
    return enterprise_documents(session, None) + listing_documents(session, None)


FOLLOWED = {
    changes.LISTING: (DocKind.LISTING, DocKind.OFFER),
    changes.ENTERPRISE: (DocKind.ENTERPRISE,),
}
"""The kinds of changes that concern the words, and the documents that they may touch."""


def changed_documents(
    session: Session, log: Iterable[changes.Change]
) -> tuple[list[Document], list[tuple[DocKind, int]]]:
    """Return the documents that these changes touch as they are now, and those that are gone."""
    touched: dict[str, set[int]] = {kind: set() for kind in FOLLOWED}
    for change in log:
        touched[change.kind].add(int(change.entity_id))
    listings, entries = (sorted(touched[kind]) for kind in (changes.LISTING, changes.ENTERPRISE))
    documents = [
        *(listing_documents(session, listings) if listings else ()),
        *(enterprise_documents(session, entries) if entries else ()),
    ]
    here = {(document.kind, document.id) for document in documents}
    gone = [
        (own, key)
        for changed, ids in touched.items()
        for own in FOLLOWED[changed]
        for key in sorted(ids)
    ]
    return documents, [pair for pair in gone if pair not in here]
