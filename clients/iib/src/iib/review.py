"""Commands that review a batch: verdicts, further versions and edits of its images, and one as a photo of the rest."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from iib.failures import ExitCode, UsageFailure
from iib.screens import Lines
from iib.site_client import Site

VERDICTS = {"keep": "keep", "reject": "reject", "undecided": ""}


def verdict(site: Site, batch_id: str, options: Namespace, screen: Lines) -> ExitCode:
    """Keep or reject images, or take their verdicts back."""
    site.set_verdicts(batch_id, dict.fromkeys(options.positions, VERDICTS[options.verdict]))
    screen.remark(f"{options.verdict}: {', '.join(map(str, options.positions))}")
    return ExitCode.ALL_READY


def again(site: Site, batch_id: str, options: Namespace, screen: Lines) -> ExitCode:
    """Have another version of each image made."""
    changes = {"prompt": options.prompt, "quality": options.quality}
    body = {name: value for name, value in changes.items() if value is not None}
    for position in options.positions:
        _started(site.make_again(batch_id, position, body), screen)
    return ExitCode.ALL_READY


def edit(site: Site, batch_id: str, options: Namespace, screen: Lines) -> ExitCode:
    """Have a version of an image made that is changed as instructed."""
    texts = {"instruction": options.instruction, "model": options.model, "quality": options.quality}
    form = {name: value for name, value in texts.items() if value is not None}
    files = _contents(image=options.image, mask=options.mask)
    _started(site.edit(batch_id, options.position, form, files), screen)
    return ExitCode.ALL_READY


def rest(site: Site, batch_id: str, options: Namespace, screen: Lines) -> ExitCode:
    """Create the waiting images from this image too, or say what that would cost."""
    form = {"style": str(options.style).lower()}
    if options.credits is not None:
        form["credits"] = str(options.credits)
    files = _contents(image=options.image)
    change = site.use_for_rest(batch_id, options.position, form, files, dry_run=options.dry_run)
    words = f", with “{change['style']}” added to their prompts" if options.style else ""
    verb = "would be" if options.dry_run else "is" if change["images"] == 1 else "are"
    images, price = _counted(change["images"], "image"), _counted(change["credits"], "credit")
    screen.remark(f"{images} {verb} created from it too, for {price} more{words}.")
    return ExitCode.ALL_READY


def photos(site: Site, batch_id: str, options: Namespace, screen: Lines) -> ExitCode:
    """Upload the photos that the site has deleted again, so that images can be retried or made again."""
    contents = [(path.name, content_of(path)) for path in options.photos]
    site.add_photos_again(batch_id, [site.upload_photo(*content) for content in contents])
    screen.remark(f"Added: {', '.join(name for name, _content in contents)}")
    return ExitCode.ALL_READY


def _contents(**paths: Path | None) -> dict[str, tuple[str, bytes]]:
    return {name: (name, content_of(path)) for name, path in paths.items() if path is not None}


def _started(version: dict[str, Any], screen: Lines) -> None:
    screen.remark(f"No. {version['position']} {version['name']}: started, {_counted(version['credits'], 'credit')}.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageFailure(f"{path} cannot be read: {error.strerror}.") from error
