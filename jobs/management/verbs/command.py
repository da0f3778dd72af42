"""A command whose first argument is a verb."""

import logging
import sys
import textwrap
from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter, OutputWrapper

from jobs.management.verbs.exits import EndsWith, Exit, errors_as_sentences, meanings
from jobs.management.verbs.outputs import PatientOutput, RefusalOut, write_document

JSON_HELP = "print one JSON document on standard output; that of a refusal has exit_code and detail"
WIDTH = 90
"""Characters of a line of help."""
MORE = "`{prog} VERB --help` tells what each verb takes."
Options = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One verb of a command."""

    name: str
    help: str
    """What it does, in one sentence: the list of verbs has it."""
    add_arguments: Callable[[CommandParser], None]
    run: Callable[[Options, OutputWrapper], Exit]
    """Does it, writes what came of it, and returns how the command ends."""
    more: str = ""
    """What its own help tells besides."""
    waits: bool = False
    """Whether it takes `--wait`, and then says by its exit code how a job ended."""

    @property
    def description(self) -> str:
        """All that its own help tells before the arguments."""
        return textwrap.fill(f"{self.help} {self.more}".rstrip(), width=WIDTH)


class VerbParser(CommandParser):
    """Reads a command's arguments; what is wrong with them it says as a document where that was asked for."""

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        if not (self.called_from_command_line and "--json" in sys.argv):
            super().error(message)
        out = PatientOutput(sys.stdout)
        write_document(out, RefusalOut(exit_code=Exit.INVALID, detail=message))
        out.flush()
        self.exit(Exit.INVALID)


class CommandHelp(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Tells what the command takes before what all commands take, and leaves the lines of the exit codes."""


class VerbCommand(BaseCommand):
    """Runs the verb that its first argument names."""

    verbs: ClassVar[list[Verb]]

    def run_from_argv(self, argv: list[str]) -> None:
        """Run in a shell, where events of the log would stand between the lines for the person."""
        logging.getLogger().setLevel(logging.ERROR)
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser, whose help ends with the exit codes."""
        kwargs["formatter_class"] = CommandHelp
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.epilog = (
            f"{MORE.format(prog=parser.prog)}\n\n{meanings(waits=any(verb.waits for verb in self.verbs))}"
        )
        # Django makes it and takes no class; unknown verbs and options of any verb are refused by this one.
        parser.__class__ = VerbParser
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb, and what the verb takes."""
        parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=VerbParser)
        for verb in self.verbs:
            below = parsers.add_parser(
                verb.name,
                help=verb.help,
                description=verb.description,
                epilog=meanings(waits=verb.waits),
                formatter_class=RawDescriptionHelpFormatter,
            )
            below.add_argument("--json", action="store_true", help=JSON_HELP)
            verb.add_arguments(below)

    def handle(self, *_: Any, verb: str, **options: Any) -> None:
        """Run the verb and end with its exit code."""
        chosen = next(one for one in self.verbs if one.name == verb)
        out, errors = (PatientOutput(cast("TextIO", stream)) for stream in (self.stdout, self.stderr))
        try:
            with errors_as_sentences():
                code = chosen.run(options, out)
        except EndsWith as error:
            code = error.code
            if options["json"]:
                write_document(out, RefusalOut(exit_code=code, detail=str(error)))
            else:
                errors.write(str(error))
        out.flush()
        if code != Exit.DONE:
            sys.exit(code)
