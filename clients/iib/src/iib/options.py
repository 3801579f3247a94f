"""The command line options."""

import argparse
from pathlib import Path

from iib import VERSION
from iib.review import VERDICTS

_EXIT_CODES = """\
exit codes: 0 all images saved · 1 some failed or missing · 2 wrong usage or list · 3 no key, or not allowed
            4 not enough credits · 5 server, network or disk · 130 interrupted; run the same command to continue
"""


def parser() -> argparse.ArgumentParser:
    program = argparse.ArgumentParser(
        "iib",
        description="Turns a list of prompts into a folder of finished images.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    program.add_argument("--version", action="version", version=f"iib {VERSION}")
    commands = program.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="submit a list and save the images", parents=[_access(), _output()]))
    _add_resume(commands.add_parser("resume", help="continue a folder's batch", parents=[_access(), _output()]))
    status = commands.add_parser("status", help="show a batch, or the latest ones", parents=[_access()])
    status.add_argument("batch", nargs="?", help="a folder or a batch's id; without it, the latest batches")
    _add_review(commands)
    commands.add_parser("models", help="show the models and their prices", parents=[_access()])
    commands.add_parser("account", help="show plan, credits and today's images", parents=[_access()])
    login = commands.add_parser("login", help="store a key for this computer's user", parents=[_access()])
    login.description = "Asks for the key (or reads it from a pipe), tests it, and stores it, readable only by you."
    return program


def _access() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    group = shared.add_argument_group("access")
    group.add_argument("--key", help="API key; IIB_API_KEY is safer: others can see options in the process list")
    group.add_argument("--url", help="address of the site (IIB_URL)")
    group.add_argument("--allow-http", action="store_true", help="send the key unencrypted to another machine")
    group.add_argument("--json", action="store_true", help="JSON for programs")
    return shared


def _output() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    group = shared.add_argument_group("saving")
    group.add_argument("--overwrite", action="store_true", help="replace files that have an image's name")
    group.add_argument("--cancel-on-interrupt", action="store_true", help="on Ctrl-C, cancel the rest on the site too")
    group.add_argument(
        "--patience",
        type=float,
        default=600,
        metavar="SECONDS",
        help="how long to retry without an answer (600)",
    )
    return shared


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("list", metavar="LIST", help="TXT with one prompt per line, CSV with a prompt column, or -")
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where to save the images; required unless --dry-run"
    )
    command.add_argument("--dry-run", action="store_true", help="show the bill and the names; nothing is started")
    command.add_argument("--new", action="store_true", help="start and pay for another batch in a folder that has one")
    command.add_argument("--list-format", choices=("txt", "csv"), help="if the file name does not show it")
    command.add_argument("--encoding", help="encoding of the list; the default is its byte order mark, or UTF-8")
    choices = command.add_argument_group("choices", "for the whole list; a CSV's own columns take precedence")
    choices.add_argument("--style", help="words added to every prompt")
    choices.add_argument("--model")
    choices.add_argument("--quality")
    choices.add_argument("--format", choices=("png", "jpg"))
    choices.add_argument("--ratio", choices=("1:1", "9:16", "16:9"))
    choices.add_argument("--seconds", type=int, help="the length of videos, if the model makes any")
    choices.add_argument(
        "--photo", type=Path, action="append", metavar="FILE", help="a photo that every image is created from; up to 8"
    )
    choices.add_argument("--title")
    choices.add_argument("--webhook-url", metavar="URL")


def _add_review(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verdict = commands.add_parser("verdict", help="keep or reject images", parents=[_access()])
    again = commands.add_parser("again", help="make images again", parents=[_access()])
    edit = commands.add_parser("edit", help="edit an image", parents=[_access()])
    rest = commands.add_parser("rest", help="create the waiting images from an image too", parents=[_access()])
    photos = commands.add_parser("photos", help="upload photos that the site has deleted again", parents=[_access()])
    for command in (verdict, again, edit, rest, photos):
        command.add_argument("batch", help="a folder or a batch's id")
    verdict.add_argument("verdict", choices=tuple(VERDICTS))
    for command in (verdict, again):
        command.add_argument("positions", type=int, nargs="+", metavar="POSITION")
    again.add_argument("--prompt", help="another prompt")
    again.add_argument("--quality")
    edit.add_argument("position", type=int)
    edit.add_argument("instruction", help="what should change")
    edit.add_argument("--image", type=Path, metavar="FILE", help="the image, if the site no longer has it")
    edit.add_argument("--mask", type=Path, metavar="FILE", help="a PNG of its size: what is transparent may change")
    edit.add_argument("--model")
    edit.add_argument("--quality")
    photos.add_argument("photos", type=Path, nargs="+", metavar="FILE", help="in the order of the batch")
    rest.add_argument("position", type=int)
    rest.add_argument("--style", action="store_true", help="add words to the prompts that keep the style")
    rest.add_argument("--credits", type=int, metavar="N", help="do nothing if it costs more")
    rest.add_argument("--dry-run", action="store_true", help="show what it would cost; nothing is changed")
    rest.add_argument("--image", type=Path, metavar="FILE", help="the image, if the site no longer has it")


def _add_resume(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path)
    command.add_argument("--only-kept", action="store_true", help="save only the images that are marked as kept")
    command.add_argument("--retry-failed", action="store_true", help="first retry the failed images")
