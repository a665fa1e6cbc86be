"""What several pages say alike: the source, the months before, names of areas."""

from __future__ import annotations

from datetime import date

from gridmap.bulletin.voice import Voice
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.figures import Change, change
from gridmap.statistics.model import GridCount
from gridmap.statistics.monthly import next_month


def source(digest: Digest, voice: Voice) -> str:
    """The line at the foot of every page."""
    return " · ".join([voice("source", name=voice.name(digest.heat.jurisdiction)), *dated(digest, voice)])


def dated(digest: Digest, voice: Voice) -> list[str]:
    """What dates a bulletin: its newest record, and the moment or the edition that was asked for."""
    zone, made = digest.heat.time_zone, []
    if digest.data_until is not None:
        made.append(voice("data_until_moment", moment=voice.moment(digest.data_until, zone)))
    if digest.as_of is not None:
        made.append(voice("as_of", moment=voice.moment(digest.as_of, zone)))
    if digest.recut is not None:
        made.append(voice("recut", edition=digest.recut))
    return made


def earlier(digest: Digest, back: int) -> date:
    """The first day of the month so many months before."""
    return next_month(digest.heat.month, -back)


def known(digest: Digest, back: int) -> bool:
    """Whether the month so many months before is not before the first report."""
    first = digest.heat.first_month
    return first is None or earlier(digest, back) >= first


def total_change(digest: Digest, back: int) -> Change | None:
    """Of all reports, in grids and outside, against a month (1) or a year (12) before."""
    if not known(digest, back):
        return None
    changes = [c.on_last_month if back == 1 else c.on_last_year for c in digest.categories]
    return change(digest.heat.total, sum(each.before for each in changes if each))


def reports(grid: GridCount) -> int:
    """Its count; none is masked in what is printed (printed)."""
    return grid.count or 0


def grid_name(grid: GridCount) -> str:
    """With its community where its own name does not begin with it."""
    return (
        grid.name
        if not grid.community or grid.name.startswith(grid.community)
        else (f"{grid.community} {grid.name}")
    )
