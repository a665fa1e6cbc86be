"""People, duties, parties and posts; accounts, sessions and tokens; who changed what of them, and when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None

AREA_KINDS = "('subdistrict', 'community', 'grid', 'compound', 'building')"
DUTY_KINDS = "('subdistrict', 'community', 'grid', 'compound', 'building', 'unit')"
PARTY_KINDS = "('office', 'community', 'squad', 'market', 'police', 'justice', 'property', 'branch', 'other')"
ROLES = "'administrator', 'office', 'community', 'department', 'member'"


def moment(name: str, *, needed: bool = False, now: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(
        name, postgresql.TIMESTAMP(timezone=True), nullable=not (needed or now), server_default=default
    )


def text(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=optional)


def recorded() -> list[sa.Column]:
    return [moment("recorded_at", now=True), text("recorded_by")]


def of_jurisdiction(table: str) -> list[sa.schema.SchemaItem]:
    key = op.f(f"fk_{table}_jurisdiction")
    return [text("jurisdiction"), sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdiction.code"], name=key)]


def refers(table: str, to: str) -> sa.ForeignKeyConstraint:
    """A column with the code of a person or party of the same jurisdiction."""
    return sa.ForeignKeyConstraint(
        ["jurisdiction", to],
        [f"{to}.jurisdiction", f"{to}.code"],
        name=op.f(f"fk_{table}_jurisdiction_{to}"),
    )


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    people()
    duties()
    accounts()
    history()


def people() -> None:
    op.create_table(
        "person",
        *of_jurisdiction("person"),
        text("code"),
        text("name"),
        text("phone", optional=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        *recorded(),
        primary("person", "jurisdiction", "code"),
    )
    op.create_table(
        "party",
        *of_jurisdiction("party"),
        text("code"),
        text("kind"),
        text("name"),
        text("name_en", optional=True),
        text("area_kind", optional=True),
        text("area_code", optional=True),
        text("phone", optional=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        *recorded(),
        primary("party", "jurisdiction", "code"),
        check("party", "kind", f"kind IN {PARTY_KINDS}"),
        check("party", "area_kind", f"area_kind IN {AREA_KINDS}"),
        check("party", "area", "(area_kind IS NULL) = (area_code IS NULL)"),
        check("party", "valid", "NOT isempty(valid)"),
    )


def duties() -> None:
    op.create_table(
        "post",
        text("code"),
        text("name"),
        text("name_en"),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("chain", sa.SmallInteger(), nullable=True),
        sa.Column("parties", postgresql.ARRAY(sa.Text()), nullable=False),
        primary("post", "code"),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        *of_jurisdiction("duty"),
        text("person"),
        text("post"),
        text("area_kind"),
        text("area_code"),
        text("party", optional=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        *recorded(),
        primary("duty", "id"),
        refers("duty", "person"),
        refers("duty", "party"),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_duty_post")),
        postgresql.ExcludeConstraint(
            *(
                (sa.column(name), "=")
                for name in ("jurisdiction", "person", "post", "area_kind", "area_code")
            ),
            (sa.func.coalesce(sa.column("party"), sa.text("''")), "="),
            (sa.column("valid"), "&&"),
            name="ex_duty_valid",
            using="gist",
        ),
        check("duty", "area_kind", f"area_kind IN {DUTY_KINDS}"),
        check("duty", "unit", "area_kind <> 'unit' OR area_code ~ '^.+-[1-9][0-9]{0,2}$'"),
        check("duty", "valid", "isempty(valid) OR NOT lower_inf(valid)"),
    )
    op.create_index("ix_duty_area", "duty", ["jurisdiction", "area_kind", "area_code"])
    op.create_index("ix_duty_person", "duty", ["jurisdiction", "person"])
    op.create_index("ix_duty_post", "duty", ["jurisdiction", "post"])


def accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        *of_jurisdiction("account"),
        text("login"),
        text("name"),
        text("person", optional=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        text("password_hash"),
        moment("password_set_at", now=True),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        moment("disabled_at"),
        *recorded(),
        primary("account", "id"),
        refers("account", "person"),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        check("account", "roles", f"cardinality(roles) > 0 AND roles <@ ARRAY[{ROLES}]"),
    )
    op.create_table(
        "session",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        *of_jurisdiction("session"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        moment("created_at", needed=True),
        moment("seen_at", needed=True),
        moment("expires_at", needed=True),
        moment("revoked_at"),
        primary("session", "sha256"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid(), nullable=False),
        *of_jurisdiction("token"),
        text("name"),
        text("role"),
        text("person", optional=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        moment("last_used_at"),
        moment("revoked_at"),
        *recorded(),
        primary("token", "id"),
        refers("token", "person"),
        check("token", "role", f"role IN ({ROLES})"),
        sa.UniqueConstraint("sha256", name=op.f("uq_token_sha256")),
    )
    op.create_index(
        "uq_token_name",
        "token",
        ["jurisdiction", "name"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        moment("since", needed=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        primary("sign_in_attempt", "sha256"),
    )


def history() -> None:
    op.create_table(
        "people_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *of_jurisdiction("people_change"),
        text("subject"),
        text("key"),
        sa.Column("was", postgresql.JSONB(), nullable=True),
        sa.Column("now", postgresql.JSONB(), nullable=False),
        *recorded(),
        primary("people_change", "id"),
    )
    op.create_index("ix_people_change_key", "people_change", ["jurisdiction", "subject", "key", "id"])
    for statement in (KEEP_DUTIES, WRITE_DOWN):
        op.execute(statement)
    for table in ("person", "duty", "party", "account"):
        op.execute(
            f"CREATE TRIGGER write_down AFTER INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION write_people_change()"
        )
    op.execute(
        "CREATE TRIGGER keep_duties BEFORE UPDATE OR DELETE ON duty"
        " FOR EACH ROW EXECUTE FUNCTION keep_duties()"
    )
    op.execute(
        "CREATE TRIGGER keep_duties_whole BEFORE TRUNCATE ON duty"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_duties()"
    )
    for table in ("person", "party", "account"):
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_rows()"
        )
    op.execute(
        "CREATE TRIGGER keep_changes BEFORE UPDATE OR DELETE ON people_change"
        " FOR EACH ROW EXECUTE FUNCTION keep_rows()"
    )
    op.execute(
        "CREATE TRIGGER keep_changes_whole BEFORE TRUNCATE ON people_change"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_rows()"
    )


# Of a duty only its end may move; an empty span says that it never was.
KEEP_DUTIES = """
    CREATE FUNCTION keep_duties() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NOT isempty(OLD.valid)
           AND (isempty(NEW.valid) OR lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid))
           AND (to_jsonb(NEW) - 'valid' - 'recorded_at' - 'recorded_by')
               = (to_jsonb(OLD) - 'valid' - 'recorded_at' - 'recorded_by') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'duties are kept: % of duty refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """
WRITE_DOWN = """
    CREATE FUNCTION write_people_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        noise text[] := ARRAY['jurisdiction', 'recorded_at', 'recorded_by', 'password_hash'];
        it jsonb := to_jsonb(NEW);
        was jsonb;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            was := to_jsonb(OLD) - noise;
            IF was = it - noise THEN
                RETURN NULL;
            END IF;
        END IF;
        INSERT INTO people_change (jurisdiction, subject, key, was, now, recorded_by)
        VALUES (NEW.jurisdiction, TG_TABLE_NAME, coalesce(it->>'code', it->>'login', it->>'id'),
                was, it - noise, NEW.recorded_by);
        RETURN NULL;
    END $$
    """
