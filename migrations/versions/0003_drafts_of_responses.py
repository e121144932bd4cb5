"""drafts of responses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response_draft",
        sa.Column("invitation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_response_draft_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_response_draft")),
    )
    with op.batch_alter_table("response_draft", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_response_draft_updated_at"), ["updated_at"], unique=False
        )

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("answers_may_change", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("response") as batch_op:
        batch_op.add_column(
            sa.Column("language", sa.String(length=35), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("seed", sa.String(length=16), server_default="", nullable=False)
        )
        batch_op.drop_constraint(batch_op.f("uq_response_invitation_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_response_invitation_id_revision"), ["invitation_id", "revision"]
        )


def downgrade() -> None:
    with op.batch_alter_table("response") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_response_invitation_id_revision"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_response_invitation_id"), ["invitation_id"]
        )
        batch_op.drop_column("seed")
        batch_op.drop_column("language")

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_column("answers_may_change")

    with op.batch_alter_table("response_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_draft_updated_at"))

    op.drop_table("response_draft")
