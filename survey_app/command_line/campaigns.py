"""`soundings campaigns`: which there are, and how far their mails are."""

from __future__ import annotations

import time

import click

from survey_app.command_line.command_edge import reading
from survey_app.db import begin_reading, db
from survey_app.domain.problems import SoundingsError
from survey_app.invite.progress import measure_progress
from survey_app.invite.queries import campaign_by_id, campaigns_in, invited_counts, mail_counts

SECONDS_BETWEEN_LOOKS = 1.0


@click.group()
def campaigns() -> None:
    """Campaigns that invite people by mail."""


@campaigns.command("list")
def list_campaigns() -> None:
    """Print each campaign: its number, how many were invited, mails sent, waiting and failed."""
    with reading():
        found = campaigns_in(None)
        ids = [campaign.id for campaign in found]
        counts, invited = mail_counts(ids), invited_counts(ids)
        for campaign in found:
            mails = counts[campaign.id]
            click.echo(
                f"{campaign.id}  {campaign.name}: {invited.get(campaign.id, 0)} invited, mails: "
                f"{mails.sent} sent, {mails.waiting} waiting, {mails.failed} failed"
            )


@campaigns.command("watch")
@click.argument("number", type=int)
def watch_campaign(number: int) -> None:
    """Show how the mails of campaign NUMBER leave, until none is waiting; the worker sends them."""
    with reading():
        name = campaign_by_id(number, None).name
        mails = mail_counts([number])[number]
        total = mails.sent + mails.failed + mails.dropped + mails.waiting
        if not total:
            raise SoundingsError(f"The campaign {name} has no mails. Launch it first.")
        with click.progressbar(length=total, label="Mails") as bar:
            done = 0
            while True:
                mails = mail_counts([number])[number]
                now_done = mails.sent + mails.failed + mails.dropped
                bar.update(now_done - done)
                done = now_done
                if not mails.waiting or campaign_by_id(number, None).paused_at is not None:
                    break
                time.sleep(SECONDS_BETWEEN_LOOKS)
                # A new transaction sees what the worker has written meanwhile.
                db.session.rollback()
                begin_reading()
        campaign = campaign_by_id(number, None)
        progress = measure_progress(campaign)
        if campaign.paused_at is not None:
            reason = campaign.pause_reason or "Somebody has paused it."
            click.echo(f"The campaign is paused, with {mails.waiting} mails waiting. {reason}")
        click.echo(
            f"{progress.invited} invited, {progress.sent} sent, {progress.bounced} bounced, "
            f"{progress.answered} answered."
        )


groups = (campaigns,)
