"""Jobs of several visitors take turns; one who sends many is limited, with a message."""

from __future__ import annotations

import pytest
from gradio_client import Client, handle_file
from gradio_client.client import Job
from gradio_client.exceptions import AppError

from tests.media.decoding.processes import wait_until
from tests.ui.rehearsal import ENGINE
from tests.ui.test_many_clients import wait_for_place
from tests.ui.visit import Files, Site

TABS = (ENGINE,)


def send(client: Client, files: Files, seed: int) -> Job:
    job = client.submit(
        portrait=handle_file(files.portrait),
        voice=handle_file(files.voice if seed else files.long_voice),  # which keeps the others waiting
        consent=True,
        seed=seed,
        api_name="/rehearsal",
    )
    wait_for_place(job)
    return job


def wait_for_news(job: Job, **wanted: object) -> dict[str, object]:
    """The first news with these values."""
    for _, news in job:
        if wanted.items() <= news.items():
            return news
    raise AssertionError(f"No news had {wanted}.")


def test_a_flood_is_limited_and_the_polite_visitor_is_next(site: Site, files: Files) -> None:
    site.reset()
    site.rehearsal.go.clear()
    flood, polite = Client(site.url, verbose=False), Client(site.url, verbose=False)
    many = [send(flood, files, seed) for seed in range(site.settings.jobs_per_visitor)]
    assert wait_for_news(many[-1], stage="waiting")["ahead"] == site.settings.jobs_per_visitor - 2
    with pytest.raises(AppError, match="You have 5 videos waiting or running"):
        send(flood, files, 90).result(timeout=60)
    wait_until(lambda: site.rehearsal.jobs, "the first job has not begun")
    single = send(polite, files, 99)
    wait_for_news(many[0], stage="waiting")  # it pauses for the polite one
    many[-1].cancel()
    site.rehearsal.go.set()
    for job in (single, *many[:-1]):
        job.result(timeout=60)
    assert [seed for _, _, seed in site.rehearsal.jobs] == [0, 99, 1, 2, 3]
    for client in (flood, polite):
        client.close()


def test_a_visitor_who_leaves_while_waiting_gives_up_the_place(site: Site, files: Files) -> None:
    site.reset()
    site.rehearsal.go.clear()
    clients = [Client(site.url, verbose=False) for _ in range(3)]
    first, second, third = (send(client, files, seed) for seed, client in enumerate(clients))
    assert wait_for_news(third, stage="waiting", ahead=1)
    second.cancel()
    assert wait_for_news(third, stage="waiting", ahead=0)
    site.rehearsal.go.set()
    for job in (first, third):
        job.result(timeout=60)
    assert [seed for _, _, seed in site.rehearsal.jobs] == [0, 2]
    for client in clients:
        client.close()
