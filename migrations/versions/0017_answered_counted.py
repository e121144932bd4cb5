"""invitations that are answered: counted by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_invitation_campaign_id_answered",
        "invitation",
        ["campaign_id"],
        unique=False,
        sqlite_where=sa.text("answered = 1"),
        postgresql_where=sa.text("answered"),
    )


def downgrade() -> None:
    op.drop_index("ix_invitation_campaign_id_answered", table_name="invitation")
