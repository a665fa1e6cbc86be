"""Published bulletins, kept as they were; jobs that people wait for, and procrastinate's queue under them.

procrastinate brings its schema as SQL files by version. Those up to QUEUE are applied here, as they stand in
the package; a later version's files are a migration of their own (a test says when one is due).
"""

from pathlib import Path

import procrastinate.schema
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

QUEUE = "03.04.00_50"  # of procrastinate 3.10


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
        sa.UniqueConstraint("jurisdiction", "month", "lang", "number", name=op.f("uq_bulletin_jurisdiction")),
    )
    op.create_table(
        "bulletin_file",
        sa.Column("bulletin_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("encode(sha256(body), 'hex') = sha256", name=op.f("ck_bulletin_file_sha256")),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_file_bulletin_id")
        ),
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
    driver = op.get_bind().connection.driver_connection
    folder = Path(procrastinate.schema.SchemaManager.get_migrations_path())
    for script in sorted(folder.glob("*.sql")):
        if script.name[: len(QUEUE)] <= QUEUE:
            driver.execute(script.read_text(encoding="utf-8"))
