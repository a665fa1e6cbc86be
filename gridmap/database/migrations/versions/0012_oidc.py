"""Accounts linked to who an OpenID provider knows; the trigger of 0008 writes down who linked them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("oidc_issuer", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("oidc_subject", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_account_oidc"), "account", "(oidc_issuer IS NULL) = (oidc_subject IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_account_oidc_real"), "account", "NOT demonstration OR oidc_subject IS NULL"
    )
    columns = ["oidc_issuer", "oidc_subject"]
    op.create_unique_constraint(op.f("uq_account_oidc_issuer_oidc_subject"), "account", columns)
    op.execute("GRANT UPDATE (oidc_issuer, oidc_subject) ON account TO gridmap_service")
