"""Values of accounts and tokens; no secret is among them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gridmap.errors import BadInput

# role -> (Chinese, English), from the widest sight to the narrowest
ROLES: dict[str, tuple[str, str]] = {
    "administrator": ("管理员", "Administrator"),
    "office": ("街道办事处", "Subdistrict office"),
    "community": ("社区", "Community"),
    "department": ("部门", "Department"),
    "member": ("网格员", "Grid member"),
}
ADMINISTRATOR = "administrator"
OF_A_PERSON = ("community", "department", "member")  # roles whose sight is a person's duties


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in with a password. `person`: whose duties bound the sight. `demonstration`: it opens a
    district that is made up, and no password of it was ever told to anybody."""

    id: UUID
    jurisdiction: str
    login: str
    name: str
    person: str | None
    roles: tuple[str, ...]
    demonstration: bool
    disabled_at: datetime | None  # from when on; of somebody who will leave it lies ahead
    password_set_at: datetime

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None and self.disabled_at <= datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """A machine's credential: it may what its role may."""

    id: UUID
    jurisdiction: str
    name: str
    role: str
    person: str | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    recorded_at: datetime
    recorded_by: str


def check_role(word: str, person: str | None, field: str = "role") -> str:
    """The code of a role, given as code, Chinese or English name. Raises BadInput(field), and
    BadInput(field="person") for a role of a person without one."""
    plain = word.strip().casefold()
    for role, (name, name_en) in ROLES.items():
        if plain in (role, name, name_en.casefold()):
            break
    else:
        raise BadInput(f"{word[:40]!r} is not a role; there are {', '.join(ROLES)}", field=field)
    if role in OF_A_PERSON and person is None:
        text = f"what {role} sees is bounded by a person's duties; name the person by code"
        raise BadInput(text, field="person")
    return role
