"""People, their dated duties, the parties they act for, and what signs them in: accounts, sessions, tokens.

Duties are never deleted: a move ends one and begins another. A trigger of migration 0007 writes every change
of a person, duty, party or account into `people_change`, which is only ever added to.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, TIMESTAMP, ExcludeConstraint

from gridmap.database.tables.areas import AREA_KINDS
from gridmap.database.tables.common import metadata, of_jurisdiction, one_of, recorded_at

DUTY_KINDS = (*AREA_KINDS, "unit")  # a unit is a code under a building: B002-3
PARTY_KINDS = ("office", "community", "squad", "market", "police", "justice", "property", "branch", "other")
ROLES = ("administrator", "office", "community", "department", "member")
UNIT_CODE = "area_kind <> 'unit' OR area_code ~ '^.+-[1-9][0-9]{0,2}$'"


def recorded_by() -> Column[str]:
    return Column("recorded_by", Text, nullable=False)


person = Table(
    "person",
    metadata,
    of_jurisdiction(),
    Column("code", Text, nullable=False),  # lasting
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("left_on", Date),  # the first day without them; null: still there
    recorded_at(),
    recorded_by(),
    PrimaryKeyConstraint("jurisdiction", "code"),
)

party = Table(
    "party",
    metadata,
    of_jurisdiction(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("area_kind", Text),  # what it answers for, where that is one area
    Column("area_code", Text),
    Column("phone", Text),
    Column("valid", DATERANGE, nullable=False),
    recorded_at(),
    recorded_by(),
    PrimaryKeyConstraint("jurisdiction", "code"),
    one_of("kind", PARTY_KINDS, "kind"),
    one_of("area_kind", AREA_KINDS, "area_kind"),
    CheckConstraint("(area_kind IS NULL) = (area_code IS NULL)", name="area"),
    CheckConstraint("NOT isempty(valid)", name="valid"),
)

post = Table(
    "post",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("areas", ARRAY(Text), nullable=False),  # kinds of area that it is held for
    Column("chain", SmallInteger),  # its place in the chain of who answers, from the nearest up
    Column("parties", ARRAY(Text), nullable=False),  # kinds of party of which it names one; none: names none
)

duty = Table(
    "duty",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("person", Text, nullable=False),
    Column("post", Text, ForeignKey("post.code"), nullable=False),
    Column("area_kind", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("party", Text),
    Column("valid", DATERANGE, nullable=False),  # empty: recorded by mistake, it never was
    recorded_at(),  # of its last change
    recorded_by(),
    ForeignKeyConstraint(["jurisdiction", "person"], ["person.jurisdiction", "person.code"]),
    ForeignKeyConstraint(["jurisdiction", "party"], ["party.jurisdiction", "party.code"]),
    ExcludeConstraint(
        ("jurisdiction", "="),
        ("person", "="),
        ("post", "="),
        ("area_kind", "="),
        ("area_code", "="),
        (func.coalesce(column("party"), text("''")), "="),
        ("valid", "&&"),
        name="ex_duty_valid",
        using="gist",
    ),
    one_of("area_kind", DUTY_KINDS, "area_kind"),
    CheckConstraint(UNIT_CODE, name="unit"),
    CheckConstraint("isempty(valid) OR NOT lower_inf(valid)", name="valid"),
    Index("ix_duty_area", "jurisdiction", "area_kind", "area_code"),
    Index("ix_duty_person", "jurisdiction", "person"),
    Index("ix_duty_post", "jurisdiction", "post"),
)

people_change = Table(
    "people_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("subject", Text, nullable=False),  # person, duty, party, account
    Column("key", Text, nullable=False),
    Column("was", JSONB),  # null: it is new
    Column("now", JSONB, nullable=False),
    recorded_at(),
    recorded_by(),
    Index("ix_people_change_key", "jurisdiction", "subject", "key", "id"),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("login", Text, nullable=False, unique=True),  # lower case; of all jurisdictions
    Column("name", Text, nullable=False),
    Column("person", Text),  # null: a machine, or somebody without duties
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id, with its parameters
    Column("password_set_at", TIMESTAMP(timezone=True), nullable=False, server_default=func.now()),
    Column("demonstration", Boolean, nullable=False, server_default=text("false")),
    Column("disabled_at", TIMESTAMP(timezone=True)),
    Column("oidc_issuer", Text),  # who else may say that it is them, and what they are called there
    Column("oidc_subject", Text),
    recorded_at(),
    recorded_by(),
    ForeignKeyConstraint(["jurisdiction", "person"], ["person.jurisdiction", "person.code"]),
    CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="oidc"),
    CheckConstraint("NOT demonstration OR oidc_subject IS NULL", name="oidc_real"),
    CheckConstraint(
        f"cardinality(roles) > 0 AND roles <@ ARRAY[{', '.join(map(repr, ROLES))}]", name="roles"
    ),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)

session = Table(
    "session",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),  # of the secret that the browser holds
    of_jurisdiction(),
    Column("account_id", Uuid, ForeignKey("account.id"), nullable=False),
    Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    Column("seen_at", TIMESTAMP(timezone=True), nullable=False),
    Column("expires_at", TIMESTAMP(timezone=True), nullable=False),  # however busy it is
    Column("revoked_at", TIMESTAMP(timezone=True)),
    Index("ix_session_account_id", "account_id"),
)

token = Table(
    "token",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Text),  # whose duties bound its sight, where the role has one
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("last_used_at", TIMESTAMP(timezone=True)),
    Column("revoked_at", TIMESTAMP(timezone=True)),
    recorded_at(),
    recorded_by(),
    ForeignKeyConstraint(["jurisdiction", "person"], ["person.jurisdiction", "person.code"]),
    one_of("role", ROLES, "role"),
    Index("uq_token_name", "jurisdiction", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
)

# Of no jurisdiction: who knocks has not said yet, or does not know, to which one belongs.
sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),  # of the login, the address or both
    Column("since", TIMESTAMP(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
)
