"""`deploy`: this program on a Hugging Face Space."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer


def deploy(
    repo: Annotated[
        str,
        typer.Option("--repo", metavar="USER/NAME", help="The Space; it is created if it does not exist."),
    ],
    neural: Annotated[
        bool, typer.Option("--neural", help="Install the packages of all engines on CPU hardware, too.")
    ] = False,
    hardware: Annotated[
        str | None,
        typer.Option(
            "--hardware",
            metavar="NAME",
            help="The hardware to request, such as zero-a10g or t4-small; without it, a Space keeps its own.",
        ),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Make a new Space private.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be uploaded, without using the network.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Create or update a Hugging Face Space with this program.

    It uploads only the program: no outputs, weights, secrets, virtual environments, caches or .git.
    """
    from studio.hosting import deployment

    endpoint = os.environ.get("HF_ENDPOINT")
    chosen = hardware or (
        deployment.NEW_SPACE if dry_run else deployment.hardware_of(repo, endpoint=endpoint)
    )
    wish = deployment.plan(repo, neural=neural, hardware=chosen)
    address = None
    if not dry_run:
        address = deployment.deploy(wish, private=private, hardware=hardware, endpoint=endpoint)
    if as_json:
        facts = {"repo": repo, "address": address, "hardware": wish.hardware, "bytes": wish.size}
        print(json.dumps(facts | {"files": list(wish.files), "skipped": wish.skipped}))
        return
    if dry_run:
        for path in wish.files:
            print(f"{wish.size_of(path):>10,}  {path}")
        for path, why in wish.skipped.items():
            if why != "a cache":
                print(f"{'left out':>10}  {path}: {why}")
    done = "Would upload" if dry_run else "Uploaded"
    where = f"{address or f'the Space {repo}'} on {wish.hardware}"
    print(f"{done} {len(wish.files)} files, {wish.size / 1e6:.1f} MB, to {where}")
    if dry_run and hardware is None:
        print("A dry run does not ask the Space for its hardware: name it with --hardware if it is not new.")
