"""goals as a tree, adjusted targets, KPI sets, the least number of people."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GOAL_CHECKS = {
    "not_its_own_parent": "parent_key IS NULL OR parent_key <> key",
    "horizon": "horizon IN ('', 'short_term', 'long_term')",
    "aggregation": "aggregation IN ('arithmetic', 'geometric')",
    "target": "target IS NULL OR (target >= 0 AND target <= 100)",
}
TARGET_CHECKS = {
    "at_setting": "at_setting IS NULL OR at_setting > 0",
    "elasticity_source": "elasticity_source IN ('given', 'estimated')",
    "adjustment_whole": "(index_measure = '') = (at_setting IS NULL) AND "
    "(index_measure = '') = (elasticity IS NULL) AND "
    "(index_measure = '') = (justification = '')",
}


def upgrade() -> None:
    op.create_table(
        "kpi_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kpis", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("units", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("representatives", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_set")),
        sa.UniqueConstraint("key", name=op.f("uq_kpi_set_key")),
    )
    op.create_table(
        "scoring_rules",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minimum_n", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_scoring_rules_only_one")),
        sa.CheckConstraint("minimum_n >= 1", name=op.f("ck_scoring_rules_minimum_n")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_rules")),
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_key", sa.String(length=63), nullable=True))
        batch_op.add_column(
            sa.Column("owner", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("horizon", sa.String(length=20), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "aggregation", sa.String(length=20), server_default="arithmetic", nullable=False
            )
        )
        batch_op.add_column(sa.Column("target", sa.Float(), nullable=True))
        batch_op.add_column(
            sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(batch_op.f("ix_goal_parent_key"), ["parent_key"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_goal_parent_key_goal"),
            "goal",
            ["parent_key"],
            ["key"],
            ondelete="RESTRICT",
        )
        for name, condition in GOAL_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_goal_{name}"), condition)

    with op.batch_alter_table("target", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("index_measure", sa.String(length=63), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("at_setting", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("elasticity", sa.Float(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "elasticity_source", sa.String(length=20), server_default="given", nullable=False
            )
        )
        batch_op.add_column(
            sa.Column("justification", sa.Text(), server_default="", nullable=False)
        )
        for name, condition in TARGET_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_target_{name}"), condition)


def downgrade() -> None:
    with op.batch_alter_table("target", schema=None) as batch_op:
        for name in TARGET_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_target_{name}"), type_="check")
        batch_op.drop_column("justification")
        batch_op.drop_column("elasticity_source")
        batch_op.drop_column("elasticity")
        batch_op.drop_column("at_setting")
        batch_op.drop_column("index_measure")

    with op.batch_alter_table("goal", schema=None) as batch_op:
        for name in GOAL_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_goal_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_goal_parent_key_goal"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_goal_parent_key"))
        batch_op.drop_column("retired")
        batch_op.drop_column("target")
        batch_op.drop_column("aggregation")
        batch_op.drop_column("horizon")
        batch_op.drop_column("owner")
        batch_op.drop_column("parent_key")

    op.drop_table("scoring_rules")
    op.drop_table("kpi_set")
