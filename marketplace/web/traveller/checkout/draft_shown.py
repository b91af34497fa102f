"""Answers on the way to a booking in words: for the steps, and line by line beside older ones."""

from __future__ import annotations

from typing import Any

from catalog.queries import listing_page
from catalog.views import ListingPage
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.answers import Answers
from marketplace.kernel.money import money
from marketplace.offers.quoting.stay_answer import room_of
from marketplace.pricing.nights.terms import Board
from marketplace.web.context import now, services, today
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering import price_words
from marketplace.web.rendering.filters import clock_time
from marketplace.web.traveller import presenters
from marketplace.web.traveller.checkout.quote_wish import RoomsWish, wish_of
from marketplace.web.traveller.checkout.steps_html import DraftRoom, DraftShown
from marketplace.web.traveller.my_booking import change_texts
from marketplace.web.traveller.search import carried_question, query_sentences


def told_of(answers: Answers) -> DraftShown:
    """Return what the steps show of answers."""
    with services().database.read() as session:
        page = listing_page(session, answers.listing_id, hidden_too=True, bare=True)
    stay = answers.stay
    listing = price_words.named(page.card.name_zh, page.card.name_en)
    host = price_words.named(page.card.enterprise_zh, page.card.enterprise_en)
    whom = {None: "", True: "family", False: "self"}[answers.for_family]
    return DraftShown(
        lead_name=answers.lead_name,
        for_whom=whom,
        province=answers.source_province,
        phone=answers.phone,
        listing_name=listing.name,
        listing_name_lang=listing.name_lang,
        enterprise_name=host.name,
        arrive=stay.check_in,
        depart=stay.check_out,
        nights=stay.nights,
        kinds=[_room(page, answers, place) for place in range(len(answers.rooms))],
        near=_near(answers),
        total_fen=answers.seen_total_fen,
        sample=page.card.is_sample,
        price_until=_price_until(answers),
    )


def _near(answers: Answers) -> tuple[str, str, str] | None:
    if not answers.several:
        return None
    near = price_words.near_each_other(wanted=any(each.adjoining for each in answers.selections))
    return (*near, quote_url(answers, choose=1))


def _room(page: ListingPage, answers: Answers, place: int) -> DraftRoom:
    room = answers.rooms[place]
    chosen, url = room.selection, quote_url(answers, about=place, choose=1)
    name_of = room_of(page, chosen.room_type_id)
    name = price_words.named(name_of.name_zh, name_of.name_en)
    together = 1 if answers.several else chosen.rooms  # of several it is told once, for all
    # What was seen of one kind of room is the total; 0 where none was.
    total_fen = room.total_fen if answers.several else answers.seen_total_fen
    return DraftRoom(
        name=name.name,
        name_lang=name.name_lang,
        rooms=chosen.rooms,
        adults=chosen.party.adults,
        children=len(chosen.party.children_ages),
        people=change_texts.people(chosen.party),
        extras=[
            (label, value, url)
            for label, value in price_words.extras(
                room.meals or Board.ROOM_ONLY,
                extra_beds=chosen.extra_beds,
                rooms=together,
                adjoining=chosen.adjoining and together > 1,
            )
        ],
        total_fen=total_fen,
        sleepers=room.sleepers,
        terms=presenters.terms(
            room.policy or cancellation_rules.STAY_POLICY,
            total_fen=total_fen,
            check_in=chosen.stay.check_in,
            today=today(),
        ),
    )


def _price_until(answers: Answers) -> str | None:
    """Return until what time of day the price is honoured; ``None`` when that time is over."""
    if answers.price_until is None or not answers.is_honoured(now()):
        return None
    return clock_time(answers.price_until)


def what_changed(seen: Answers, fresh: Answers) -> str:
    """Say what is new about a price; of several kinds of room, about which of them it is."""
    if fresh.seen_total_fen == seen.seen_total_fen:
        return translate("取消办法刚刚有变化，总价没有变。看过下面的取消办法，同意再按按钮")
    said = translate(
        "价格刚刚有变化：原来%(before)s，现在%(after)s。还没有扣款，同意新价格再按下面的按钮",
        before=money(seen.seen_total_fen),
        after=money(fresh.seen_total_fen),
    )
    if not seen.several:
        return said
    named = zip(told_of(fresh).kinds, seen.rooms, fresh.rooms, strict=True)
    changed = [
        translate(
            "%(room)s原来%(before)s，现在%(after)s",
            room=kind.name,
            before=money(before.total_fen),
            after=money(after.total_fen),
        )
        for kind, before, after in named
        if before.total_fen != after.total_fen
    ]
    return translate("%(said)s（%(rooms)s）", said=said, rooms=translate("；").join(changed))


def rows_of(answers: Answers, *, whole: bool) -> list[tuple[str, Any]]:
    """Return answers line by line; ``whole``: also who stays and the telephone."""
    told = told_of(answers)
    place = query_sentences.spoken(told.listing_name, told.listing_name_lang)
    if not answers.several:
        place = query_sentences.marked(
            "%(place)s · %(room)s",
            place=place,
            room=query_sentences.spoken(told.kinds[0].name, told.kinds[0].name_lang),
        )
    rows: list[tuple[str, Any]] = [
        (translate("住在哪里"), place),
        (translate("日期"), query_sentences.stay_words(answers.stay)),
    ]
    for room in told.kinds:
        rows += _room_rows(room, several=answers.several)
        if whole and room.sleepers:
            rows.append((translate("谁住"), query_sentences.typed(room.sleepers)))
    if told.near is not None:
        rows.append(told.near[:2])
    rows.append((translate("总价"), money(answers.seen_total_fen)))
    if not answers.several:
        rows += _term_rows(told.kinds[0])
    if whole:
        rows += [
            (translate("入住人"), query_sentences.typed(answers.lead_name)),
            (translate("手机号码"), answers.phone),
        ]
    return rows


def _room_rows(room: DraftRoom, *, several: bool) -> list[tuple[str, Any]]:
    extras = [(label, value) for label, value, _ in room.extras]
    if several:
        words = query_sentences.marked(
            "%(room)s × %(n)s",
            room=query_sentences.spoken(room.name, room.name_lang),
            n=room.rooms,
        )
        rows: list[tuple[str, Any]] = [(translate("房型"), words), (translate("人数"), room.people)]
        price = (translate("价格"), money(room.total_fen))
        return [*rows, *extras, price, *_term_rows(room)]
    people = translate(
        "大人%(a)s位，小孩%(c)s位，%(r)s间房", a=room.adults, c=room.children, r=room.rooms
    )
    return [(translate("几个人、几间房"), people), *extras]


def _term_rows(room: DraftRoom) -> list[tuple[str, Any]]:
    return [(term.period, translate("扣%(sum)s", sum=money(term.fee_fen))) for term in room.terms]


def quote_url(answers: Answers, *, about: int = 0, **more: LinkValue) -> str:
    """Return the address of the quote that these answers came from, ``about`` one of its rooms."""
    wanted = RoomsWish(tuple(wish_of(answers.listing_id, room) for room in answers.selections))
    asked = wanted.about(about)
    args: LinkArgs = {
        "room_type": asked.asked.room_type_id,
        **asked.asked.form.args(),
        **asked.asked.choice.args(),
        **asked.others(),
        carried_question.ARGUMENT: answers.question or None,
    }
    return link_to("traveller.quote", args | more, listing_id=answers.listing_id)
