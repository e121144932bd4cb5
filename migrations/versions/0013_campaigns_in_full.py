"""campaigns in full: audiences, pace, reminders, open links, suppression, files of contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anonymous_draft",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("touched_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_anonymous_draft")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("anonymous_draft", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_anonymous_draft_touched_on"), ["touched_on"], unique=False
        )

    op.create_table(
        "asking_rules",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fatigue_days", sa.Integer(), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("bounce_limit", sa.Float(), nullable=False),
        sa.Column("soft_bounces", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_asking_rules_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asking_rules")),
    )
    op.create_table(
        "campaign_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("pattern_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(length=63), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('monthly', 'after_visit')", name=op.f("ck_campaign_series_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["pattern_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_series_pattern_id_campaign"),
            ondelete="CASCADE",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_series")),
        sa.UniqueConstraint("name", name=op.f("uq_campaign_series_name")),
    )
    with op.batch_alter_table("campaign_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_series_next_at"), ["next_at"], unique=False)

    op.create_table(
        "contact_attribute",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'choice')",
            name=op.f("ck_contact_attribute_kind_known"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contact_attribute")),
    )
    op.create_table(
        "suppression",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('opted_out', 'hard_bounce', 'soft_bounces', 'complaint', 'listed')",
            name=op.f("ck_suppression_reason_known"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_suppression_email_lower_case")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_suppression")),
    )
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suppression_at"), ["at"], unique=False)

    op.create_table(
        "contact_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("key_column", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("bytes_done", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("rows_stored", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'checking', 'checked', 'refused', 'storing', 'stored', "
            "'undoing', 'undone')",
            name=op.f("ck_contact_batch_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user.id"],
            name=op.f("fk_contact_batch_created_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_batch")),
    )
    op.create_table(
        "contact_change",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["contact_batch.id"],
            name=op.f("fk_contact_change_batch_id_contact_batch"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_change_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "contact_id", name=op.f("pk_contact_change")),
    )
    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_change_contact_id"), ["contact_id"], unique=False
        )

    op.create_table(
        "open_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("representative_id", sa.Integer(), nullable=True),
        sa.Column("attributes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("most_an_hour", sa.Integer(), nullable=False),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('public', 'kiosk')", name=op.f("ck_open_link_kind_known")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_open_link_campaign_id_campaign"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["representative_id"],
            ["representative.id"],
            name=op.f("fk_open_link_representative_id_representative"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_open_link_unit_id_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_link")),
        sa.UniqueConstraint("key", name=op.f("uq_open_link_key")),
    )
    with op.batch_alter_table("open_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_link_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "sealed_response",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_key", sa.String(length=63), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("representative_id", sa.Integer(), nullable=True),
        sa.Column("attributes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("seed", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_sealed_response_campaign_id_campaign"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_key", "version_number"],
            ["questionnaire_version.questionnaire_key", "questionnaire_version.number"],
            name="fk_sealed_response_questionnaire_version",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["representative_id"],
            ["representative.id"],
            name=op.f("fk_sealed_response_representative_id_representative"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
            name=op.f("fk_sealed_response_unit_id_unit"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sealed_response", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sealed_response_campaign_id"), ["campaign_id"], unique=False
        )

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("mode", sa.String(length=12), server_default="identified", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "audience_filter", sa.JSON(none_as_null=True), server_default="{}", nullable=False
            )
        )
        batch_op.add_column(sa.Column("sample_size", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("sample_seed", sa.String(length=16), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("first_question", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("send_from", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("send_until", sa.Integer(), server_default="1440", nullable=False)
        )
        batch_op.add_column(
            sa.Column("send_days", sa.String(length=7), server_default="1111111", nullable=False)
        )
        batch_op.add_column(sa.Column("pace", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("reminders", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("reminder_days", sa.Integer(), server_default="7", nullable=False)
        )
        batch_op.add_column(
            sa.Column("reminder_subject", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("reminder_message", sa.Text(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("enough", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("quotas", sa.JSON(none_as_null=True), server_default="[]", nullable=False)
        )
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("pause_reason", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bounces_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_campaign_series_id"), ["series_id"], unique=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_campaign_mode_known"),
            "mode IN ('identified', 'confidential', 'anonymous')",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_campaign_series_id_campaign_series"),
            "campaign_series",
            ["series_id"],
            ["id"],
            ondelete="SET NULL",
        )

    op.execute(
        "INSERT INTO suppression (email, reason, detail, at) SELECT email, 'opted_out', "
        "'', opted_out_at FROM contact WHERE opted_out_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO asking_rules (id, fatigue_days, needs_consent, bounce_limit, "
        "soft_bounces) VALUES (1, 0, false, 5.0, 3)"
    )
    op.execute(
        "INSERT INTO contact_attribute (key, label, kind, choices) VALUES ('segment', "
        "'Segment', 'text', '[]'), ('account', 'Account', 'text', '[]')"
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("consent_source", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.drop_column("opted_out_at")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_link_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("started", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("answered", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.alter_column("contact_id", existing_type=sa.Integer(), nullable=True)
        batch_op.drop_index(batch_op.f("ix_invitation_contact_id"))
        batch_op.create_index(
            "ix_invitation_contact_id_created_at", ["contact_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invitation_open_link_id"), ["open_link_id"], unique=False
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_invitation_contact_or_link"),
            "(contact_id IS NULL) = (open_link_id IS NOT NULL)",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_invitation_open_link_id_open_link"),
            "open_link",
            ["open_link_id"],
            ["id"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("invitation_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unsubscribe_hash", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_invitation_token_unsubscribe_hash"), ["unsubscribe_hash"]
        )

    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("claimed_by", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("number", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("report", sa.String(length=9), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("report_detail", sa.Text(), server_default="", nullable=False)
        )
    op.execute(
        "UPDATE outbox_mail SET campaign_id = (SELECT campaign_id FROM invitation WHERE "
        "invitation.id = invitation_id)"
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.alter_column("campaign_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_mail_report_known"), "report IN ('', 'hard', 'soft', 'complaint')"
        )
        batch_op.drop_constraint(batch_op.f("ck_outbox_mail_state"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_mail_state"),
            "state IN ('queued', 'sending', 'sent', 'failed', 'dropped')",
        )
        batch_op.drop_constraint(batch_op.f("uq_outbox_mail_invitation_id"), type_="unique")
        batch_op.create_index(
            "ix_outbox_mail_campaign_id_sent_at", ["campaign_id", "sent_at"], unique=False
        )
        batch_op.create_index(
            "ix_outbox_mail_campaign_id_state", ["campaign_id", "state", "not_before"], unique=False
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_outbox_mail_invitation_id_number"), ["invitation_id", "number"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_mail_campaign_id_campaign"),
            "campaign",
            ["campaign_id"],
            ["id"],
            ondelete="CASCADE",
        )

    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_response_source_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_response_source_known"),
            "source IN ('invitation', 'import', 'anonymous')",
        )
    op.execute(
        "UPDATE invitation SET answered = true, started = true "
        "WHERE id IN (SELECT invitation_id FROM response)"
    )
    op.execute(
        "UPDATE invitation SET started = true "
        "WHERE id IN (SELECT invitation_id FROM response_draft)"
    )


def downgrade() -> None:
    # What the older version has no place for: responses without a source, people without a contact.
    op.execute("DELETE FROM response WHERE source = 'anonymous'")
    op.execute(
        "DELETE FROM response WHERE invitation_id IN (SELECT id FROM invitation WHERE "
        "contact_id IS NULL)"
    )
    op.execute(
        "DELETE FROM response_draft WHERE invitation_id IN (SELECT id FROM invitation "
        "WHERE contact_id IS NULL)"
    )
    op.execute(
        "DELETE FROM invitation_token WHERE invitation_id IN (SELECT id FROM invitation "
        "WHERE contact_id IS NULL)"
    )
    op.execute("DELETE FROM invitation WHERE contact_id IS NULL")
    op.execute("DELETE FROM outbox_mail WHERE number > 0")
    op.execute("UPDATE outbox_mail SET state = 'failed' WHERE state = 'dropped'")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_response_source_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_response_source_known"), "source IN ('invitation', 'import')"
        )

    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outbox_mail_report_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_outbox_mail_state"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_mail_state"), "state IN ('queued', 'sending', 'sent', 'failed')"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_outbox_mail_campaign_id_campaign"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_outbox_mail_invitation_id_number"), type_="unique")
        batch_op.drop_index("ix_outbox_mail_campaign_id_state")
        batch_op.drop_index("ix_outbox_mail_campaign_id_sent_at")
        batch_op.create_unique_constraint(
            batch_op.f("uq_outbox_mail_invitation_id"), ["invitation_id"]
        )
        batch_op.drop_column("report_detail")
        batch_op.drop_column("reported_at")
        batch_op.drop_column("report")
        batch_op.drop_column("number")
        batch_op.drop_column("campaign_id")
        batch_op.drop_column("claimed_by")

    with op.batch_alter_table("invitation_token", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_invitation_token_unsubscribe_hash"), type_="unique")
        batch_op.drop_column("unsubscribe_hash")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_invitation_contact_or_link"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_invitation_open_link_id_open_link"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_invitation_open_link_id"))
        batch_op.drop_index("ix_invitation_contact_id_created_at")
        batch_op.create_index(batch_op.f("ix_invitation_contact_id"), ["contact_id"], unique=False)
        batch_op.alter_column("contact_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("answered")
        batch_op.drop_column("started")
        batch_op.drop_column("opted_out_at")
        batch_op.drop_column("open_link_id")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_column("consent_source")
        batch_op.drop_column("consent_at")

    op.execute(
        "UPDATE contact SET opted_out_at = (SELECT at FROM suppression WHERE "
        "suppression.email = contact.email)"
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_campaign_mode_known"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_campaign_series_id_campaign_series"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_campaign_series_id"))
        batch_op.drop_column("series_id")
        batch_op.drop_column("bounces_since")
        batch_op.drop_column("pause_reason")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("quotas")
        batch_op.drop_column("enough")
        batch_op.drop_column("reminder_message")
        batch_op.drop_column("reminder_subject")
        batch_op.drop_column("reminder_days")
        batch_op.drop_column("reminders")
        batch_op.drop_column("pace")
        batch_op.drop_column("send_days")
        batch_op.drop_column("send_until")
        batch_op.drop_column("send_from")
        batch_op.drop_column("opens_at")
        batch_op.drop_column("first_question")
        batch_op.drop_column("sample_seed")
        batch_op.drop_column("sample_size")
        batch_op.drop_column("audience_filter")
        batch_op.drop_column("mode")

    with op.batch_alter_table("sealed_response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_response_campaign_id"))

    op.drop_table("sealed_response")
    with op.batch_alter_table("open_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_link_campaign_id"))

    op.drop_table("open_link")
    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_change_contact_id"))

    op.drop_table("contact_change")
    op.drop_table("contact_batch")
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suppression_at"))

    op.drop_table("suppression")
    op.drop_table("contact_attribute")
    with op.batch_alter_table("campaign_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_series_next_at"))

    op.drop_table("campaign_series")
    op.drop_table("asking_rules")
    with op.batch_alter_table("anonymous_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_anonymous_draft_touched_on"))

    op.drop_table("anonymous_draft")
