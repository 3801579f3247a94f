"""The commands, from parsed options to an exit code."""

import getpass
import hashlib
import json
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

from iib import config, files, jobs, lists, runs, tables
from iib import review as reviews
from iib.answers import Bill
from iib.config import Config
from iib.failures import ExitCode, Failure, UsageFailure, WrongState
from iib.jobs import Job
from iib.patience import Patience
from iib.runs import Run
from iib.screens import Lines
from iib.site_client import Site, checked_url

#: For short commands.
_SHORT_PATIENCE_SECONDS = 20
_REVIEWS = {
    "verdict": reviews.verdict,
    "again": reviews.again,
    "edit": reviews.edit,
    "rest": reviews.rest,
    "photos": reviews.photos,
}
_CHOICES = ("style", "model", "quality", "format", "ratio", "seconds", "title", "webhook_url")
#: The content of each file, by its path.
Photos = dict[str, bytes]


def run(options: Namespace, screen: Lines) -> ExitCode:
    """Submit a list, or continue with it, and save its images."""
    prompts = lists.read(options.list, kind=options.list_format, encoding=options.encoding)
    order = lists.order(prompts, {name: getattr(options, name) for name in _CHOICES})
    photos = {str(path): reviews.content_of(path) for path in options.photo or ()}
    try:
        if options.dry_run:
            return _dry_run(order, photos, options, screen)
        if options.out is None:
            raise UsageFailure("Name the folder for the images: --out FOLDER")
        return _run(order, photos, _folder(options.out), options, screen)
    except UsageFailure as failure:
        failure.details = lists.with_lines(failure.details, prompts)
        raise


def _dry_run(order: dict[str, Any], photos: Photos, options: Namespace, screen: Lines) -> ExitCode:
    site = _site(options, screen)
    order = _with_photos(order, photos, site)
    try:
        bill = site.bill(order)
    finally:
        for photo_id in order.get("references", ()):
            site.delete_photo(photo_id)
    screen.bill(bill)
    if bill.credits_needed > bill.credits_left:
        return ExitCode.NOT_ENOUGH_CREDITS
    return ExitCode.NOT_ALLOWED if bill.refusal else ExitCode.ALL_READY


def _with_photos(order: dict[str, Any], photos: Photos, site: Site) -> dict[str, Any]:
    """Upload the photos and return the order with their ids."""
    ids = [site.upload_photo(Path(name).name, content) for name, content in photos.items()]
    return {**order, "references": ids} if ids else order


def _run(order: dict[str, Any], photos: Photos, folder: Path, options: Namespace, screen: Lines) -> ExitCode:
    access = _access(options)
    site = _site(options, screen, options.patience)
    hashes = [hashlib.sha256(content).hexdigest() for content in photos.values()]
    with files.locked(folder):
        job = None if options.new else jobs.load(folder)
        if job:
            runs.check_same(job, order, hashes)
        else:
            order = _with_photos(order, photos, site)
            _check_bill(site.bill(order), folder, options)
            job = jobs.new(site.url, config.public_id(access.key), order, hashes)
        return _follow(site, job, folder, options, screen)


def _check_bill(bill: Bill, folder: Path, options: Namespace) -> None:
    runs.check_affordable(bill)
    if not options.overwrite:
        runs.check_names_free(bill, folder)


def resume(options: Namespace, screen: Lines) -> ExitCode:
    """Continue with the batch of a folder."""
    if not options.folder.is_dir():
        raise UsageFailure(f"{options.folder} is not a folder.")
    with files.locked(options.folder):
        job = _job_of(options.folder)
        site = _site(options, screen, options.patience)
        if options.retry_failed and job.batch_id:
            runs.check_site(job, site.url)
            # `WrongState`: the batch has no failed images.
            with suppress(WrongState):
                site.act(job.batch_id, "retry")
        return _follow(site, job, options.folder, options, screen)


def _follow(site: Site, job: Job, folder: Path, options: Namespace, screen: Lines) -> ExitCode:
    runs.check_site(job, site.url)
    runs.check_key(job, config.public_id(_access(options).key))
    files.remove_leftovers(folder)
    only_kept = getattr(options, "only_kept", False)
    batch_run = Run(site, job, folder, screen, overwrite=options.overwrite, only_kept=only_kept)
    try:
        is_new = runs.submit(site, job, folder)
        screen.started(job.batch_id, batch_run.page, is_new=is_new)
        return batch_run.follow()
    except KeyboardInterrupt:
        screen.remark(_parting_words(site, job, folder, options))
        raise


def _parting_words(site: Site, job: Job, folder: Path, options: Namespace) -> str:
    """Return a message after Ctrl-C; cancels the rest if the options say so."""
    if not options.cancel_on_interrupt or not job.batch_id:
        return f"Stopped here; the site continues. To fetch the rest: iib resume {folder}"
    site.patience = Patience(_SHORT_PATIENCE_SECONDS)
    try:
        site.act(job.batch_id, "cancel")
    except Failure as failure:
        return f"Stopped here, but the batch could not be cancelled: {failure.sentence}"
    return "Stopped, and the rest is cancelled. Images that were ready stay on the site for now."


def status(options: Namespace, screen: Lines) -> ExitCode:
    """Show a batch by its folder or id, or the latest batches."""
    site = _site(options, screen)
    if not options.batch:
        return _show(site.batches(), options)
    return _show(site.batch_json(_batch_of(options.batch, site)), options)


def review(options: Namespace, screen: Lines) -> ExitCode:
    """Give verdicts, have images made again or edited, or use one for the rest."""
    site = _site(options, screen)
    return _REVIEWS[options.command](site, _batch_of(options.batch, site), options, screen)


def _batch_of(name: str, site: Site) -> str:
    """Return the id of a batch that is named by its id or its folder."""
    folder = Path(name)
    if not folder.is_dir():
        return name
    job = _job_of(folder)
    runs.check_site(job, site.url)
    if not job.batch_id:
        raise UsageFailure(f"The site has not confirmed the batch of {folder} yet: iib resume {folder}")
    return job.batch_id


def models(options: Namespace, screen: Lines) -> ExitCode:
    return _show(_site(options, screen).models(), options)


def account(options: Namespace, screen: Lines) -> ExitCode:
    return _show(_site(options, screen).account(), options)


def login(options: Namespace, screen: Lines) -> ExitCode:
    """Ask for a key, test it and store it."""
    key = options.key or (getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline())
    access = config.load(key=key.strip() or None, url=options.url)
    url = checked_url(access.url, allow_http=options.allow_http)
    options.key, options.url = access.key, url
    answer = _site(options, screen).account()
    file = config.save(Config(url, access.key))
    screen.remark(f"{answer.get('email')}: the key is stored in {file}.")
    return ExitCode.ALL_READY


def _access(options: Namespace) -> Config:
    return config.load(key=options.key, url=options.url)


def _site(options: Namespace, screen: Lines, patience_seconds: float = _SHORT_PATIENCE_SECONDS) -> Site:
    access = _access(options)
    return Site(access.url, access.key, Patience(patience_seconds, screen.remark), allow_http=options.allow_http)


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageFailure(f"{folder} cannot be created: {error.strerror}.") from error
    return folder


def _job_of(folder: Path) -> Job:
    if job := jobs.load(folder):
        return job
    raise UsageFailure(f"{folder} has no batch to continue.")


def _show(answer: Any, options: Namespace) -> ExitCode:
    print(json.dumps(answer) if options.json else tables.as_text(answer))
    return ExitCode.ALL_READY
