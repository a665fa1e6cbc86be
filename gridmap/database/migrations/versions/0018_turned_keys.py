"""Client ids are looked for by themselves first, as bytes: keys of a large file cost half.

All rows of a file share their jurisdiction, which each comparison of the index had to pass first.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("pk_report_key", "report_key", type_="primary")
    op.execute('ALTER TABLE report_key ALTER client_id TYPE text COLLATE "C"')
    op.create_primary_key("pk_report_key", "report_key", ["client_id", "jurisdiction"])
