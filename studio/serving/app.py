"""The application that studio/serving/serve.yaml names; Ray Serve calls `build`."""

from __future__ import annotations

from typing import Any

from ray import serve

from media.errors import OptionError
from studio.serving.api import ServingApi
from studio.serving.renderer import RendererReplica
from studio.settings import Settings

ROOM = 200
"""Requests beyond those that make videos: refusals, and videos that are fetched or deleted."""


def open_requests(settings: Settings) -> int:
    """Requests that Ray Serve passes to the entry point at once: more than the entry point accepts, because
    those that Ray Serve holds back wait without an answer.
    """
    return settings.serve_requests + ROOM


def build(args: dict[str, Any]) -> Any:
    """The application: one entry point, and as many renderers as the configuration says.

    args: `engines`, the names of the engines that every renderer loads. Raises OptionError without them.
    """
    engines = args.get("engines")
    if not isinstance(engines, list) or not engines:
        raise OptionError("The configuration needs args with engines, as in {engines: [preview]}.")
    # A renderer has one job at a time; later requests wait in its queue.
    # Configuration files name the deployments, so their names do not follow the classes.
    renderer = serve.deployment(RendererReplica, name="Renderer").options(max_ongoing_requests=1)
    # The entry point needs no core: it only waits.
    api = serve.deployment(serve.ingress()(ServingApi), name="ServingApi").options(
        max_ongoing_requests=open_requests(Settings()), ray_actor_options={"num_cpus": 0}
    )
    return api.bind(renderer.bind(engines), engines)
