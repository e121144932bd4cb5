"""`soundings tokens`: personal tokens for the API."""

from __future__ import annotations

import click

from survey_app.accounts.models import User
from survey_app.accounts.queries import find_user
from survey_app.accounts.scopes import SCOPES
from survey_app.accounts.tokens import make_token, revoke_token, tokens_of
from survey_app.command_line.command_edge import accept, reading, storing
from survey_app.db import utc_now
from survey_app.domain.problems import NotFound


@click.group()
def tokens() -> None:
    """Personal tokens, with which programs use the API."""


@tokens.command("make")
@click.argument("email")
@click.option("--name", required=True, help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help="What it may do; may be given several times.",
)
@click.option("--days", default=90, show_default=True, help="How long it holds.")
def make(email: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token of the user EMAIL; it is shown this once."""
    with storing():
        _token, secret = accept(make_token(_user(email), name, scopes, days, utc_now()))
    click.echo(secret)


@tokens.command("list")
@click.argument("email")
def show(email: str) -> None:
    """List the tokens of the user EMAIL."""
    with reading():
        for token in tokens_of(_user(email)):
            used = f"{token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "never"
            click.echo(
                f"{token.prefix}…  {token.name}: {', '.join(token.scopes)}; holds until "
                f"{token.expires_at:%Y-%m-%d %H:%M} UTC, last used {used}"
            )


@tokens.command("revoke")
@click.argument("email")
@click.argument("name")
def revoke(email: str, name: str) -> None:
    """End the token NAME of the user EMAIL at once."""
    with storing():
        found = [token for token in tokens_of(_user(email)) if token.name == name]
        if not found:
            raise NotFound(f"{email} has no token named {name!r}. List them: soundings tokens list")
        revoke_token(found[0], utc_now())
    click.echo(f"The token {name} is revoked.")


def _user(email: str) -> User:
    user = accept(find_user(email)) if email.strip() else None
    if user is None:
        raise NotFound("Name the user by the e-mail address with which they sign in.")
    return user


groups = (tokens,)
