"""changes and series of published versions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("questionnaire_version") as batch_op:
        for name, empty in (("changes", "[]"), ("series", "{}")):
            batch_op.add_column(
                sa.Column(
                    name,
                    sa.JSON(none_as_null=True),
                    server_default=sa.text(f"'{empty}'"),
                    nullable=False,
                )
            )


def downgrade() -> None:
    with op.batch_alter_table("questionnaire_version") as batch_op:
        batch_op.drop_column("series")
        batch_op.drop_column("changes")
