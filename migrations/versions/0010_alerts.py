"""alerts, their rules and subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("figures_checked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_alert_watch_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_watch")),
    )
    op.create_table(
        "alert_rule",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("limit_value", sa.Float(), nullable=True),
        sa.Column("subjects", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('verdict_turned', 'control_limits', 'response_low', 'figures_late')",
            name=op.f("ck_alert_rule_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["user.id"],
            name=op.f("fk_alert_rule_changed_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alert_rule")),
    )
    op.create_table(
        "alert_subscription",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("delivery", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("told_alert_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "delivery IN ('at_once', 'daily')", name=op.f("ck_alert_subscription_delivery")
        ),
        sa.CheckConstraint("hour >= 0 AND hour <= 23", name=op.f("ck_alert_subscription_hour")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_alert_subscription_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_alert_subscription")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=20), nullable=False),
        sa.Column("subject_type", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=63), nullable=False),
        sa.Column("subject_name", sa.String(length=200), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.String(length=63), nullable=False),
        sa.Column("scope_name", sa.String(length=200), nullable=False),
        sa.Column("period_type", sa.String(length=20), nullable=False),
        sa.Column("period_label", sa.String(length=40), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('verdict_turned', 'control_limits', 'response_low', 'figures_late')",
            name=op.f("ck_alert_kind"),
        ),
        sa.CheckConstraint(
            "scope_type IN ('all', 'unit', 'representative')", name=op.f("ck_alert_scope_type")
        ),
        sa.CheckConstraint(
            "subject_type IN ('kpi', 'goal', 'measure')", name=op.f("ck_alert_subject_type")
        ),
        sa.CheckConstraint(
            "resolved_by_id IS NULL OR resolved_at IS NOT NULL", name=op.f("ck_alert_resolved")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"],
            ["score_run.id"],
            name=op.f("fk_alert_resolved_by_id_score_run"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_alert_run_id_score_run"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "kind",
            "subject_type",
            "subject_id",
            "scope_type",
            "scope_id",
            "period_label",
            "direction",
            name="uq_alert_kind_place_period_direction",
        ),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_resolved_at"), ["resolved_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_alert_scope_type_scope_id"), ["scope_type", "scope_id"], unique=False
        )

    op.create_table(
        "alert_look",
        sa.Column("period_label", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_alert_look_run_id_score_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("period_label", name=op.f("pk_alert_look")),
    )
    with op.batch_alter_table("alert_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_look_run_id"), ["run_id"], unique=False)

    op.create_table(
        "alert_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "what IN ('raised', 'resolved', 'reopened', 'acknowledged')",
            name=op.f("ck_alert_event_what"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_event_alert_id_alert"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["score_run.id"],
            name=op.f("fk_alert_event_run_id_score_run"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_alert_event_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_event")),
    )
    with op.batch_alter_table("alert_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_event_alert_id"), ["alert_id"], unique=False)

    op.execute("INSERT INTO alert_watch (id) VALUES (1)")
    # What was scored before there were alerts is no news.
    op.execute(
        """
        INSERT INTO alert_look (period_label, run_id, looked_at, trouble)
        SELECT period_label, MAX(id), MAX(finished_at), '' FROM score_run
        WHERE state = 'done' AND period_label NOT IN
            (SELECT period_label FROM period_closing WHERE is_closed)
        GROUP BY period_label
        """
    )
    op.execute(
        """
        INSERT INTO alert_look (period_label, run_id, looked_at, trouble)
        SELECT period_label, run_id, closed_at, '' FROM period_closing WHERE is_closed
        """
    )


def downgrade() -> None:
    with op.batch_alter_table("alert_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_event_alert_id"))

    op.drop_table("alert_event")
    with op.batch_alter_table("alert_look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_look_run_id"))

    op.drop_table("alert_look")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_scope_type_scope_id"))
        batch_op.drop_index(batch_op.f("ix_alert_resolved_at"))

    op.drop_table("alert")
    op.drop_table("alert_subscription")
    op.drop_table("alert_rule")
    op.drop_table("alert_watch")
