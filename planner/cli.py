"""The command line: ``bundlinje``. The application joins when its pages do."""

import click

from planner import commands


@click.group()
@click.version_option(package_name="bundlinje")
def main() -> None:
    """Plan a municipality's investments on the double bottom line."""


for command in (commands.check, commands.allocate, commands.evaluate):
    main.add_command(command)


if __name__ == "__main__":
    main()
