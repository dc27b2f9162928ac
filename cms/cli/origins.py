"""Where an act at the command line comes from: whoever the machine says is sitting there."""

from __future__ import annotations

import os
import pwd
import secrets

import click

from cms.core.origin import Origin, origin_source

_RUN = "cms.cli.run"


@origin_source
def command_line_origin() -> Origin | None:
    """Return who runs the command in hand; None outside of one."""
    context = click.get_current_context(silent=True)
    if context is None:
        return None
    # One command is one piece of work, like one request.
    run = context.meta.setdefault(_RUN, secrets.token_hex(6))
    return Origin("command line", request_id=run, who=_name())


def _name() -> str:
    """Return the account's name as the system's list has it, not as the environment claims."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # A container may run under a number that has no name.
        return str(os.getuid())
