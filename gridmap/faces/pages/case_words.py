"""Cases in the words of a page: states, recipients, actors, moments, terms. Nothing here reads or decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gridmap.areas.model import Jurisdiction
from gridmap.cases.deadlines import Clock
from gridmap.cases.model import FINDINGS, CaseFile
from gridmap.cases.workflow import moves, states
from gridmap.faces.recipients import Recipients
from gridmap.maps.words import LANGUAGES, titled, words
from gridmap.reports.model import Category

# state -> looks; several share one, and the word says which it is
LOOKS = {
    "collected": "new",
    "filed": "new",
    "dispatched": "under_way",
    "handling": "under_way",
    "answered": "to_check",
    "checked": "to_check",
    "suspended": "still",
}
PLACE = ("community", "grid", "compound", "building")
# the words for what the domain has codes for
MILESTONES = {
    "file": "milestone_file",
    "dispatch": "milestone_dispatch",
    "acknowledge": "milestone_acknowledge",
    "handle": "milestone_handle",
    "check": "milestone_check",
    "close": "milestone_close",
}
LOCATED = {
    "covers": "located_covers",
    "nearest": "located_nearest",
    "outside": "located_outside",
    "named": "located_named",
}
NOTICES = {
    "collected": "notice_collected",
    "filed": "notice_filed",
    "refused": "notice_refused",
    "merged": "notice_merged",
    "closed": "notice_closed",
    "voided": "notice_voided",
    "reopened": "notice_reopened",
    "corrected": "notice_corrected",
}
CORRECTED = {"category": "corrected_category", "place": "corrected_place"}
ROLES = {"office": "role_office", "community": "role_community", "member": "role_member"}


@dataclass(frozen=True, slots=True)
class Term:
    """What is said of a clock that runs: `text` how long, `at` until when.

    `look` is late, soon, running or still.
    """

    text: str
    at: str
    look: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language, as of a moment."""

    lang: str
    owner: Jurisdiction
    now: datetime
    names: Recipients
    categories: dict[str, Category]

    def word(self, key: str) -> str:
        return words(self.lang)[key]

    def one(self, both: tuple[str, str]) -> str:
        """Of (Chinese, English)."""
        return both[LANGUAGES.index(self.lang)]

    def category(self, code: str) -> str:
        known = self.categories.get(code)
        return titled(known.name, known.name_en, self.lang) if known else code

    def state(self, code: str) -> str:
        if code == "merged":  # it stands in the table of moves alone
            return self.word("case_merged")
        known = states()[code]
        return self.one((known.name, known.name_en))

    def move(self, code: str) -> str:
        return self.one(moves()[code])

    def finding(self, code: str) -> str:
        return self.one(FINDINGS[code])

    def recipient(self, token: str) -> str:
        return self.names.name(token, self.lang)

    def actor(self, name: str) -> str:
        """Who did something, from the lasting name that the history keeps."""
        sort, colon, rest = name.partition(":")
        if sort == "system":
            return self.word("by_itself")
        if sort == "demonstration":
            who = self.recipient(rest) if ":" in rest else rest
            who = self.word(ROLES[rest]) if rest in ROLES else who
            return self.word("by_demonstration").format(who=who)
        if name in self.names.persons:
            return self.names.persons[name]
        return rest if colon else name

    def moment(self, value: datetime) -> str:
        """Day and time on the office's clock; the year where it is another one."""
        local, today = value.astimezone(self.owner.zone), self.now.astimezone(self.owner.zone)
        return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"

    def length(self, value: timedelta) -> str:
        """Roughly, in one unit: days from two days on, hours from two hours on."""
        minutes = int(value.total_seconds() // 60)
        if minutes >= 2 * 24 * 60:
            return self.word("days").format(n=minutes // (24 * 60))
        if minutes >= 2 * 60:
            return self.word("hours_long").format(n=minutes // 60)
        return self.word("minutes").format(n=minutes)

    def term(self, clock: Clock) -> Term:
        """Of a clock that is still to be reached."""
        if clock.due is None:
            return Term(self.word("stands_still"), "", "still")
        at = self.word("until").format(moment=self.moment(clock.due))
        if clock.due < self.now:
            return Term(self.word("late_by").format(length=self.length(self.now - clock.due)), at, "late")
        left = clock.due - self.now
        look = "soon" if left < timedelta(hours=4) else "running"
        return Term(self.word("left").format(length=self.length(left)), at, look)

    def place(self, file: CaseFile) -> str:
        """From the community down, without saying a name again that the next one begins with."""
        said: list[str] = []
        before = ""
        for kind in PLACE:
            if (area := getattr(file, kind)) is not None:
                said.append(area.name.removeprefix(before).strip() or area.name)
                before = area.name
        return " › ".join(said) or self.word("no_place")


def short(file: CaseFile) -> str:
    """What people tell each other on the telephone: the end of the id."""
    return file.id.hex[-6:].upper()
