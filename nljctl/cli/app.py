"""The program: its commands, and the one place where a failure becomes words and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer carries its own copy of click and exports no base class

from nljctl import __version__
from nljctl.cli import output
from nljctl.cli.api import api
from nljctl.cli.compare_legacy import compare_legacy
from nljctl.cli.config import config
from nljctl.cli.consume import consume
from nljctl.cli.cutover import cutover
from nljctl.cli.demo import demo
from nljctl.cli.dlq import dlq
from nljctl.cli.doctor import doctor
from nljctl.cli.down import down
from nljctl.cli.health import health
from nljctl.cli.logs import logs
from nljctl.cli.new_generation import new_generation
from nljctl.cli.publish_test import publish_test
from nljctl.cli.remove_legacy import remove_legacy
from nljctl.cli.repair import repair
from nljctl.cli.rollback import rollback
from nljctl.cli.setup import setup
from nljctl.cli.shift import shift
from nljctl.cli.stats import stats
from nljctl.cli.status import status
from nljctl.cli.up import up
from nljctl.cli.validate import validate
from nljctl.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, NljctlError, UsageError

app = typer.Typer(
    name="nljctl",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Moves a live xAPI stream from a legacy consumer to FastStream and back, without losing or doubling a statement, and proves it.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nljctl {__version__}")
        raise typer.Exit


@app.callback()
def options(version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Options of the program itself."""


app.command()(up)
app.command()(down)
app.command()(status)
app.command()(logs)
app.command()(consume)
app.command()(stats)
app.command()(setup)
app.command()(shift)
app.command()(cutover)
app.command()(rollback)
app.command()(repair)
app.command("remove-legacy")(remove_legacy)
app.command("new-generation")(new_generation)
app.command()(api)
app.command()(health)
app.command()(doctor)
app.command()(config)
app.command()(demo)
app.command("publish-test")(publish_test)
app.command()(validate)
app.add_typer(dlq, name="dlq")
app.command("compare-legacy")(compare_legacy)


def main() -> None:
    """Runs the command line and ends the process with the contract's exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line; gives its exit code and never raises."""
    logging.getLogger().addHandler(logging.NullHandler())  # what a library warns of ends in our own error; `consume` configures real logs
    as_json = "--json" in arguments
    command = next((word for word in arguments if not word.startswith("-")), "nljctl")
    try:
        code = app(args=arguments or ["--help"], standalone_mode=False)
        # typer turns Ctrl-C, as it does every typer.Exit, into a code before anyone here sees it.
        return _interrupted(command, as_json) if code == EXIT_INTERRUPTED else code if isinstance(code, int) else EXIT_OK
    except typer.Exit as finished:
        return finished.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(command, as_json)
    except ClickException as problem:
        output.show_error(
            command,
            UsageError(problem.format_message(), f"{command if command == 'nljctl' else f'nljctl {command}'} --help shows what it takes."),
            as_json=as_json,
        )
        return EXIT_TROUBLE
    except NljctlError as problem:
        output.show_error(command, problem, as_json=as_json)
        return problem.exit_code
    except Exception as problem:  # the last resort: an engineer on duty gets a sentence, who debugs gets the traceback
        if os.environ.get("NLJCTL_DEBUG"):
            raise
        unexpected = NljctlError(f"unexpected {type(problem).__name__}: {problem}", "Set NLJCTL_DEBUG=1 to see where it comes from.", code="unexpected")
        output.show_error(command, unexpected, as_json=as_json)
        return EXIT_TROUBLE


def _interrupted(command: str, as_json: bool) -> int:
    output.show_error(command, NljctlError("interrupted", code="interrupted"), as_json=as_json)
    return EXIT_INTERRUPTED
