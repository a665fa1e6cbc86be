"""Private categories: of disputes and cases small counts by area are masked, and no place is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PRIVATE = ("local-dispute", "local-petition", "local-stability")


def upgrade() -> None:
    op.add_column(
        "category", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    category = sa.table("category", sa.column("code", sa.Text), sa.column("private", sa.Boolean))
    op.execute(category.update().where(category.c.code.in_(PRIVATE)).values(private=True))
