"""Photos of reports. Whoever sees a report sees its photos: their policy asks `report`, which has its own."""

from alembic import op

from gridmap.database.roles import SERVICE

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in TABLE.split(";"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON photo TO {SERVICE}")
    op.execute(
        "CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON photo FOR EACH ROW EXECUTE FUNCTION keep_rows()"
    )
    op.execute(
        "CREATE TRIGGER keep_all_rows BEFORE TRUNCATE ON photo"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_rows()"
    )


# External: a JPEG is compressed already. A policy for all commands also checks what is inserted.
TABLE = """
CREATE TABLE photo (
    id UUID NOT NULL,
    jurisdiction TEXT NOT NULL,
    report_id UUID NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number SMALLINT NOT NULL,
    client_id TEXT NOT NULL,
    sent_sha256 BYTEA NOT NULL,
    sent_by TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    body BYTEA NOT NULL,
    small BYTEA NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_photo PRIMARY KEY (id),
    CONSTRAINT fk_photo_report_id_occurred_at FOREIGN KEY(report_id, occurred_at)
        REFERENCES report (id, occurred_at),
    CONSTRAINT fk_photo_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code),
    CONSTRAINT uq_photo_report_id_occurred_at_number UNIQUE (report_id, occurred_at, number),
    CONSTRAINT uq_photo_report_id_occurred_at_client_id UNIQUE (report_id, occurred_at, client_id),
    CONSTRAINT ck_photo_number CHECK (number BETWEEN 1 AND 9),
    CONSTRAINT ck_photo_size CHECK (width > 0 AND height > 0)
);
ALTER TABLE photo ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE photo ALTER COLUMN small SET STORAGE EXTERNAL;
ALTER TABLE photo ENABLE ROW LEVEL SECURITY;
ALTER TABLE photo FORCE ROW LEVEL SECURITY;
CREATE POLICY as_their_report ON photo USING (
    EXISTS (SELECT FROM report r WHERE r.id = photo.report_id AND r.occurred_at = photo.occurred_at
            AND r.jurisdiction = photo.jurisdiction)
)
"""
