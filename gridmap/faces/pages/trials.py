"""The accounts of the demonstration, as buttons show them: only of a jurisdiction that is made up."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.database.sessions import Database
from gridmap.maps.district import Trial
from gridmap.maps.words import LANGUAGES
from gridmap.people.accounts import demonstration_accounts
from gridmap.people.credentials.model import ROLES


def trials_of(connection: Connection, jurisdiction: Jurisdiction, lang: str) -> list[Trial]:
    """From the widest sight to the narrowest."""
    order, spoken = list(ROLES), LANGUAGES.index(lang)
    accounts = sorted(
        demonstration_accounts(connection, jurisdiction), key=lambda each: order.index(each.roles[0])
    )
    # the heading above the buttons says already that they are the demonstration's
    return [
        Trial(each.login, each.name.removesuffix("(演示账号)"), ROLES[each.roles[0]][spoken])
        for each in accounts
    ]


def bare_demonstrations(own: Database, known: Iterable[Jurisdiction]) -> list[Jurisdiction]:
    """Those with demonstration accounts and not one case: who tries them finds nothing to do."""
    with own.reading() as connection:
        return [
            each
            for each in known
            if demonstration_accounts(connection, each)
            and not store.cases(connection, each.code, store.Filter(), limit=1)
        ]
