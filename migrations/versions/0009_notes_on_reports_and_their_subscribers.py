"""notes on reports and their subscribers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("occasion", sa.String(length=10), nullable=False),
        sa.Column("period_type", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "occasion IN ('closed', 'scheduled')", name=op.f("ck_report_subscription_occasion")
        ),
        sa.CheckConstraint(
            "period_type IN ('any', 'month', 'quarter', 'year')",
            name=op.f("ck_report_subscription_period_type"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user.id"],
            name=op.f("fk_report_subscription_created_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_report_subscription_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_subscription")),
        sa.UniqueConstraint(
            "user_id",
            "scope_type",
            "scope_id",
            "occasion",
            "period_type",
            name=op.f("uq_report_subscription_user_id_scope_type_scope_id_occasion_period_type"),
        ),
    )
    op.create_table(
        "report_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('mailed', 'no_right', 'nothing')", name=op.f("ck_report_delivery_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["staff_mail.id"],
            name=op.f("fk_report_delivery_mail_id_staff_mail"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_report_delivery_run_id_score_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_report_delivery_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        sa.UniqueConstraint(
            "run_id",
            "user_id",
            "scope_type",
            "scope_id",
            name=op.f("uq_report_delivery_run_id_user_id_scope_type_scope_id"),
        ),
    )
    with op.batch_alter_table("report_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_delivery_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "report_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("about_id", sa.String(length=63), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=254), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(about = 'all') = (about_id = '')", name=op.f("ck_report_note_about_id")
        ),
        sa.CheckConstraint("about IN ('all', 'goal', 'kpi')", name=op.f("ck_report_note_about")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_report_note_text")),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user.id"],
            name=op.f("fk_report_note_author_id_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_report_note_run_id_score_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"],
            ["user.id"],
            name=op.f("fk_report_note_withdrawn_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_note")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_note_public_id")),
    )
    with op.batch_alter_table("report_note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_note_run_id_scope_type_scope_id"),
            ["run_id", "scope_type", "scope_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("report_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_note_run_id_scope_type_scope_id"))

    op.drop_table("report_note")
    with op.batch_alter_table("report_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_delivery_mail_id"))

    op.drop_table("report_delivery")
    op.drop_table("report_subscription")
