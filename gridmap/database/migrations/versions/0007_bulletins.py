"""Published bulletins, kept as they were; jobs that people wait for, and procrastinate's queue under them.

procrastinate brings its schema, here that of 3.10. What a later version changes in it is a migration of its
own, that looks first whether it is there already; a test says when one is due.
"""

import procrastinate.schema
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _queue()
    op.create_table(
        "bulletin",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_bulletin_month")),
        sa.CheckConstraint("lang IN ('zh', 'en')", name=op.f("ck_bulletin_lang")),
        sa.CheckConstraint("number > 0", name=op.f("ck_bulletin_number")),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_bulletin_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint(
            *("jurisdiction", "month", "lang", "number"),
            name=op.f("uq_bulletin_jurisdiction_month_lang_number"),
        ),
    )
    op.create_table(
        "bulletin_file",
        sa.Column("bulletin_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("encode(sha256(body), 'hex') = sha256", name=op.f("ck_bulletin_file_sha256")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_file_bulletin_id")),
        sa.PrimaryKeyConstraint("bulletin_id", "name", name=op.f("pk_bulletin_file")),
    )
    # packed as they are: PDF, XLSX and the pictures in HTML are compressed already
    op.execute("ALTER TABLE bulletin_file ALTER COLUMN body SET STORAGE EXTERNAL")
    for table in ("bulletin", "bulletin_file"):
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_rows()"
        )
        op.execute(
            f"CREATE TRIGGER keep_whole_{table} BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_rows()"
        )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("steps", sa.Integer(), nullable=True),
        sa.Column("doing", sa.Text(), nullable=True),
        sa.Column("made", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_job_jurisdiction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("queued", name=op.f("uq_job_queued")),
    )
    op.create_index("ix_job_asked", "job", ["jurisdiction", "kind", "recorded_at"], unique=False)


def _queue() -> None:
    # past SQLAlchemy, to which its % and : would mean something
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(procrastinate.schema.SchemaManager.get_schema())
