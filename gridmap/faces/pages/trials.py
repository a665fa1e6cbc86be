"""The accounts of the demonstration, as buttons show them: only of a jurisdiction that is made up."""

from __future__ import annotations

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
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
