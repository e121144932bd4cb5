"""dimensions that answers are told apart by, and scored rows of their values."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dimension",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_dimension")),
    )
    with op.batch_alter_table("score_row", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("dimension", sa.String(length=63), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("dimension_value", sa.Text(), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("score_row", schema=None) as batch_op:
        batch_op.drop_column("dimension_value")
        batch_op.drop_column("dimension")
    op.drop_table("dimension")
