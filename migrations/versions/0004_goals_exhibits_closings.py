"""goals, exhibits, schedules of runs, closed periods, mails to users."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_type", sa.String(length=20), nullable=False),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "period_type IN ('month', 'quarter', 'year')", name=op.f("ck_run_schedule_period_type")
        ),
        sa.CheckConstraint(
            "days_after >= 0 AND days_after <= 90", name=op.f("ck_run_schedule_days_after")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user.id"],
            name=op.f("fk_run_schedule_created_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_schedule")),
        sa.UniqueConstraint(
            "period_type", "days_after", name=op.f("uq_run_schedule_period_type_days_after")
        ),
    )
    op.create_table(
        "exhibit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("kpi_id", sa.String(length=63), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_exhibit_run_id_score_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit")),
        sa.UniqueConstraint(
            "run_id",
            "kind",
            "kpi_id",
            "scope_type",
            "scope_id",
            name=op.f("uq_exhibit_run_id_kind_kpi_id_scope_type_scope_id"),
        ),
    )
    op.create_table(
        "goal_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal_id", sa.String(length=63), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_goal_row_run_id_score_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_row")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_goal_row_run_id_position")),
    )
    with op.batch_alter_table("goal_row", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_goal_row_run_id_scope_type_scope_id"),
            ["run_id", "scope_type", "scope_id"],
            unique=False,
        )

    op.create_table(
        "period_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_label", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by_id", sa.Integer(), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reopened_at IS NULL OR reopen_reason <> ''",
            name=op.f("ck_period_closing_reason_given"),
        ),
        sa.CheckConstraint(
            "(is_closed IS NULL) = (reopened_at IS NOT NULL)",
            name=op.f("ck_period_closing_reopened"),
        ),
        sa.CheckConstraint(
            "is_closed IS NULL OR is_closed", name=op.f("ck_period_closing_closed_or_null")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"],
            ["user.id"],
            name=op.f("fk_period_closing_closed_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by_id"],
            ["user.id"],
            name=op.f("fk_period_closing_reopened_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_period_closing_run_id_score_run"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closing")),
        sa.UniqueConstraint(
            "period_label", "is_closed", name=op.f("uq_period_closing_period_label_is_closed")
        ),
    )
    with op.batch_alter_table("period_closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_period_closing_run_id"), ["run_id"], unique=False)

    with op.batch_alter_table("score_run", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "facts_files",
                sa.JSON(none_as_null=True),
                server_default=sa.text("'[]'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("schedule_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_score_run_schedule_id_run_schedule"),
            "run_schedule",
            ["schedule_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_table(
        "staff_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachment_name", sa.String(length=120), nullable=False),
        sa.Column("attachment", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed')", name=op.f("ck_staff_mail_state")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_staff_mail_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_mail")),
        sa.UniqueConstraint("user_id", "dedup_key", name=op.f("uq_staff_mail_user_id_dedup_key")),
    )
    with op.batch_alter_table("staff_mail", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_mail_state_not_before"), ["state", "not_before"], unique=False
        )


def downgrade() -> None:
    op.drop_table("staff_mail")
    with op.batch_alter_table("score_run", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_score_run_schedule_id_run_schedule"), type_="foreignkey"
        )
        batch_op.drop_column("schedule_id")
        batch_op.drop_column("facts_files")

    with op.batch_alter_table("period_closing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_period_closing_run_id"))

    op.drop_table("period_closing")
    with op.batch_alter_table("goal_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_row_run_id_scope_type_scope_id"))

    op.drop_table("goal_row")
    op.drop_table("exhibit")
    op.drop_table("run_schedule")
