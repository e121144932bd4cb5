"""follow-ups of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_process_id_ended_at"), ["process_id", "ended_at"], unique=False
        )

    op.create_table(
        "visit_follow_up",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["campaign_series.id"],
            name=op.f("fk_visit_follow_up_series_id_campaign_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit.id"],
            name=op.f("fk_visit_follow_up_visit_id_visit"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "visit_id", name=op.f("pk_visit_follow_up")),
    )
    with op.batch_alter_table("visit_follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_follow_up_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("visit_follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_follow_up_visit_id"))

    op.drop_table("visit_follow_up")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_process_id_ended_at"))

    with op.batch_alter_table("campaign_series", schema=None) as batch_op:
        batch_op.drop_column("since")
