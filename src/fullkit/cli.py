"""The command line: thin, over the rooms below. One function per subcommand, registered in COMMANDS."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

Setup = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Command:
    """A subcommand: its sentence in the help, what it does, which arguments it takes."""

    says: str
    run: Callable[[argparse.Namespace], int | None]
    arguments: Setup = lambda parser: None


def _up_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default 8000)")
    parser.add_argument(
        "--workers", type=int, default=None, help="web processes (more than one needs PostgreSQL)"
    )
    parser.add_argument(
        "--empty", action="store_true", help="do not fill an empty database with the demo company"
    )


def _up(given: argparse.Namespace) -> int:
    from fullkit import serve

    return serve.up(host=given.host, port=given.port, workers=given.workers, demo=not given.empty)


def _migrate(given: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False)


def _work_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what is due now, and stop")


def _work(given: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("work", once=given.once)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="a playbook (YAML); exit status 0 clean, 1 warnings, 2 errors"
    )


def _check(given: argparse.Namespace) -> int:
    from fullkit.playbook.check import report_file

    said, status = report_file(given.file)
    print(said)
    return status


def _token_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the sign-in name of the person whose key it is")
    parser.add_argument("--revoke", action="store_true", help="make every key of this person useless")


def _token(given: argparse.Namespace) -> int:
    from fullkit.api import tokens

    return tokens.revoke(given.name) if given.revoke else tokens.issue(given.name)


def _backup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the file to write; one that exists is never overwritten")


def _backup(given: argparse.Namespace) -> None:
    from fullkit import backup

    print(backup.backup(given.file))


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a file that `fullkit backup` wrote")


def _restore(given: argparse.Namespace) -> None:
    from fullkit import backup

    print(backup.restore(given.file))


def _verify(given: argparse.Namespace) -> int:
    from fullkit.reports import verify

    problems = verify.problems()
    for sentence in problems:
        print(sentence, file=sys.stderr)
    if not problems:
        print("The tables say what the log says.")
    return 1 if problems else 0


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=7, help="another seed is another history (default 7)")
    parser.add_argument("--weeks", type=int, default=26, help="how many weeks of it (default 26)")
    parser.add_argument(
        "--until",
        type=datetime.fromisoformat,
        default=None,
        help="when it ends, such as 2026-03-06T16:00+00:00 (default now)",
    )


def _demo(given: argparse.Namespace) -> int:
    from django.core.management import call_command

    from fullkit import serve
    from fullkit.rules.refusal import Refusal

    until = given.until and given.until.astimezone(UTC)
    call_command("migrate", interactive=False, verbosity=0)
    try:
        serve.move_in(seed=given.seed, weeks=given.weeks, until=until)
    except Refusal as refusal:
        print(f"fullkit: {refusal.message}", file=sys.stderr)
        return 2
    return 0


def _diagnose_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="exports of a CRM, or event logs")
    parser.add_argument("--mapping", type=Path, help="what the columns mean, as --propose writes it")
    parser.add_argument("--propose", action="store_true", help="write a mapping to correct, and stop")
    parser.add_argument("--out", type=Path, metavar="REPORT", help="the report (default FILE-report.html)")
    parser.add_argument("--json", metavar="FILE", help="the same as data; - is standard output")
    parser.add_argument(
        "--compare",
        type=Path,
        nargs="+",
        default=[],
        metavar="OTHER",
        help="another period, or another company",
    )
    parser.add_argument(
        "--today", type=date.fromisoformat, metavar="DATE", help="the day the data goes up to"
    )
    parser.add_argument("--rejected", type=Path, metavar="FILE", help="where rejected rows go, as CSV")


def _diagnose(given: argparse.Namespace) -> int:
    from fullkit.reports import diagnose

    if given.propose:
        return diagnose.propose(given.files, given.out)
    wanted = {name: getattr(given, name) for name in diagnose.Wanted.__dataclass_fields__}
    return diagnose.command(diagnose.Wanted(**wanted))


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("fullkit-report.html"),
        metavar="FILE",
        help="where it goes (default fullkit-report.html)",
    )


def _report(given: argparse.Namespace) -> int:
    from fullkit.reports import living

    return living.command(given.out, at=datetime.now(UTC))


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the file to write; one that exists is never overwritten")
    parser.add_argument(
        "--format",
        choices=("parquet", "ocel-json", "ocel-sqlite"),
        default="parquet",
        help="columns (parquet, the default), or objects and events by the standard OCEL 2.0",
    )
    for name, what in (("since", "first"), ("until", "last")):
        parser.add_argument(
            f"--{name}", type=date.fromisoformat, metavar="DATE", help=f"the {what} day, such as 2026-03-02"
        )
    parser.add_argument(
        "--names", action="store_true", help="with the names of people and customers, which are personal data"
    )


def _export(given: argparse.Namespace) -> int:
    from fullkit.flow.export import CannotExport, Window
    from fullkit.reports import export

    window = Window(given.since, given.until)
    try:
        said = export.write(
            given.file, form=given.format, at=datetime.now(UTC), window=window, names=given.names
        )
    except CannotExport as error:
        print(f"fullkit: {error}", file=sys.stderr)
        return 2
    print(said)
    return 0


def _manage_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="a Django command and its arguments")


def _manage(given: argparse.Namespace) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["fullkit manage", *given.rest])


# To add one: write `_name(given)`, import the room inside it, and list it here with its sentence.
COMMANDS = {
    "up": Command("set up the database and serve", _up, _up_arguments),
    "migrate": Command("bring the database to this version", _migrate),
    "work": Command("do what happens by itself", _work, _work_arguments),
    "check": Command("hold a playbook against the rulebook", _check, _check_arguments),
    "diagnose": Command(
        "report on the flow in a CRM's export or an event log", _diagnose, _diagnose_arguments
    ),
    "report": Command("report on the flow in this company's own log", _report, _report_arguments),
    "export": Command("write the log to a file for other tools", _export, _export_arguments),
    "token": Command("make a personal key to the API, shown this once", _token, _token_arguments),
    "backup": Command("write the whole company to one file, while people work", _backup, _backup_arguments),
    "restore": Command("bring a backup into an empty installation", _restore, _restore_arguments),
    "verify": Command("replay the log and compare it with the tables", _verify),
    "demo": Command("fill an empty database with the demo company", _demo, _demo_arguments),
    "manage": Command("run a Django command", _manage, _manage_arguments),
}


def _parser() -> argparse.ArgumentParser:
    from fullkit import __version__

    parser = argparse.ArgumentParser(
        prog="fullkit", description="B2B sales run as an engineered production process."
    )
    parser.add_argument("--version", action="version", version=f"fullkit {__version__}")
    choices = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, command in COMMANDS.items():
        command.arguments(
            choices.add_parser(name, help=command.says, description=f"{command.says.capitalize()}.")
        )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and return the exit code; what the user can cure is said in one sentence."""
    words = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fullkit.settings")
    if words[:1] == ["manage"]:  # its options are Django's, so argparse must not look at them
        given = argparse.Namespace(command="manage", rest=words[1:])
    else:
        given = _parser().parse_args(words)
    try:
        if given.command != "manage":
            import django

            django.setup()
        return COMMANDS[given.command].run(given) or 0
    except ImproperlyConfigured as err:
        print(f"fullkit: {err}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
