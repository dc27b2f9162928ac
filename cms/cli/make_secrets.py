"""`python3 -m cms.cli.make_secrets`: the secrets of a site in production, which does not start without them."""

from pathlib import Path

import click

from cms.cli.secrets import as_texts, locked, write_secrets
from cms.config import SECRETS, SECRETS_FILE, new_secret, read_secrets

#: Stands in a file that production may read; one that `make run` made for a look does not count there.
_FOR_PRODUCTION = {"MADE_FOR_PRODUCTION": True}


@click.command()
@click.option("--write", type=click.Path(path_type=Path), help="Write them into this instance folder instead.")
def main(write: Path | None) -> None:
    """Make the secrets of a site in production: printed for its environment, or written into its folder."""
    made = {name: new_secret(name) for name in SECRETS}
    if write is None:
        for name, value in made.items():
            click.echo(f"{name}={','.join(as_texts(value))}")
        return
    write.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(write):
        write_secrets(write, made | read_secrets(write) | _FOR_PRODUCTION)
    click.echo(f"{write / SECRETS_FILE} holds the secrets. Keep it private, and back it up apart from the database.")


if __name__ == "__main__":
    main()
