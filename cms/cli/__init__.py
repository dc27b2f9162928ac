"""The command line: `flask serve`, `flask setup` and the rest."""

import importlib

import click
from flask import Flask

from cms.cli.secrets import init_secrets

#: Modules of commands; each lists its own in COMMANDS.
MODULES = ("serve", "setup", "dev", "jobs", "seed", "users", "roles", "transfer", "rotation", "doctor", "audit")


def init_cli(app: Flask) -> None:
    """Add the commands of every module to `flask`."""
    init_secrets(app)
    importlib.import_module("cms.cli.origins")
    for name in MODULES:
        commands: tuple[click.Command, ...] = importlib.import_module(f"cms.cli.{name}").COMMANDS
        for command in commands:
            app.cli.add_command(command)
