"""`flask roles`: what each role allows, from the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from cms.accounts.places import known_places
from cms.accounts.queries import count_people_by_role, get_role, list_holding_groups, list_roles
from cms.accounts.rights import describe_extents, extents_by_permission
from cms.accounts.roles import role_description, role_label
from cms.core.errors import CmsError
from cms.core.permissions import registry

roles = AppGroup("roles", help="Roles: which there are, and what each allows.")


@roles.command("list")
def list_command() -> None:
    """List roles: name, label, rights, people; one a line, tabs between."""
    people = count_people_by_role()
    for role in list_roles():
        held = len(extents_by_permission(role.rights))
        click.echo("\t".join((role.name, role_label(role), str(held), str(people.get(role.id, 0)))))


@roles.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Tell what a role allows: permission, extent, sentence; one a line, tabs between."""
    try:
        role = get_role(name.lower())
    except CmsError as error:
        raise click.ClickException(error.message) from None
    places = known_places()
    click.echo(f"{role_label(role)}: {role_description(role)}")
    click.echo(f"Second factor: {'required' if role.requires_second_factor else 'not required'}")
    click.echo(f"People: {count_people_by_role().get(role.id, 0)}")
    if groups := list_holding_groups(role):
        click.echo(f"Groups: {', '.join(group.name for group in groups)}")
    held = extents_by_permission(role.rights)
    for permission in sorted(held):
        sentence = registry.get(permission).sentence if permission in registry else "(not there now)"
        click.echo(f"{permission}\t{describe_extents(held[permission], places)}\t{sentence}")


COMMANDS: tuple[click.Command, ...] = (roles,)
