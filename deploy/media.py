"""`duet media …`: what an operator does about the media that is kept; each may run beside the platform, and again."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click

from deploy.attaching import attach

SHOWN = 20
"""How many keys are printed of those that somebody has to look at."""
DRY_RUN = click.option("--dry-run", is_flag=True, help="Tell what would be done, and change nothing.")


@click.group()
def media() -> None:
    """Look after uploads and the object store."""


@media.command()
@DRY_RUN
def sweep(dry_run: bool) -> None:
    """Remove what is unused, expired or orphaned, and move old media to the colder storage class (MEDIA-8)."""
    swept = _usecases().retention.sweep(dry_run=dry_run)
    would = "would be " if dry_run else ""
    click.echo(f"unused uploads {would}removed: {swept.unused_uploads}")
    click.echo(f"tombstones {would}removed: {swept.tombstones}")
    click.echo(f"objects without a row {would}removed: {swept.orphan_objects}")
    click.echo(f"rows without an object {would}removed: {swept.orphan_rows}")
    click.echo(f"objects {would}moved to the colder class: {swept.cooled}")
    _list("objects that are lost", swept.lost)
    _list("objects without a row that are not ours to delete", swept.kept)


@media.command()
def verify() -> None:
    """Compare every object with its row, byte for byte. Ends with 1 where they differ."""
    found = _usecases().verifying.verify()
    click.echo(f"objects that are what their rows say: {found.good}")
    click.echo(f"younger than a day, and without a counterpart yet: {found.young}")
    _list("rows without an object", found.without_object)
    _list("objects without a row", found.without_row)
    _list("objects with other bytes", found.other_bytes)
    if not found.holds:
        sys.exit(1)


@media.command()
@DRY_RUN
def reprocess(dry_run: bool) -> None:
    """Judge media again whose verdict is of another policy version (MEDIA-4)."""
    done = _usecases().rejudging.reprocess(dry_run=dry_run)
    if dry_run:
        click.echo(f"would be judged again: {done.found}")
        return
    click.echo(
        f"judged again: {done.found}; as before: {done.unchanged}, otherwise: {done.changed}, blocked: {done.blocked},"
        f" unreadable: {done.unreadable}"
    )


@media.command()
@click.argument("upload_id", type=click.UUID)
@click.option("--remove", is_flag=True, help="Delete it for good, instead of keeping it as evidence.")
@click.option("--reason", default="command-line", show_default=True, help="For the log.")
def takedown(upload_id: UUID, remove: bool, reason: str) -> None:
    """Make the media of UPLOAD_ID unreachable at once (MEDIA-7)."""
    takedowns = _usecases().takedowns
    fresh = takedowns.remove(upload_id, reason) if remove else takedowns.hold(upload_id, reason)
    state = "removed" if remove else "held as evidence"
    click.echo(f"{upload_id} is {state} now." if fresh else f"{upload_id} was {state} before.")


@media.command("bucket-setup")
def bucket_setup() -> None:
    """Make the bucket where it is missing, close it to the public and let our pages put into it."""
    for line in _usecases().set_up_store():
        click.echo(line)


def _usecases() -> Any:
    return attach("media-svc", os.environ).usecases


def _list(title: str, keys: Sequence[str]) -> None:
    click.echo(f"{title}: {len(keys)}")
    for key in keys[:SHOWN]:
        click.echo(f"  {key}")
    if len(keys) > SHOWN:
        click.echo("  …")
