"""The picture codec on a small autoencoder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from engines.joyhallo.networks.builders import manifest
from engines.joyhallo.networks.vae import Codec, build_vae, with_new_names
from media.errors import OutOfMemory

SMALL = {"block_out_channels": [8, 8, 8, 8], "norm_num_groups": 4, "layers_per_block": 1}


@pytest.fixture
def codec() -> Iterator[Codec]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield Codec(build_vae(SMALL), batch=4)
    torch.set_num_threads(threads)


def old_names(state: dict[str, Tensor], *, convolutions: bool) -> dict[str, Tensor]:
    """The names of the published file, reconstructed from its description."""
    words = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}
    old = {}
    for key, value in state.items():
        for new, word in words.items():
            if new in key and convolutions and value.ndim == 2:
                value = value[:, :, None, None]
            key = key.replace(new, word)
        old[key] = value
    return old


@pytest.mark.parametrize("convolutions", [False, True])
def test_the_published_names_become_todays(codec: Codec, convolutions: bool) -> None:
    state = codec.vae.state_dict()
    old = old_names(state, convolutions=convolutions)
    assert sum(key not in state for key in old) == 16
    again = with_new_names(old)
    assert {k: v.shape for k, v in again.items()} == {k: v.shape for k, v in state.items()}
    codec.vae.load_state_dict(again)
    assert with_new_names(state).keys() == state.keys()


def test_the_full_size_is_the_published_one() -> None:
    with torch.device("meta"):
        ours = build_vae().state_dict()
    rows = manifest()["vae"].rows
    assert {row.name: tuple(row.shape) for row in rows} == {k: tuple(v.shape) for k, v in ours.items()}


def test_batches_do_not_change_the_pictures(codec: Codec) -> None:
    latents = torch.randn(5, 4, 4, 4)
    together = list(codec.decode(latents))
    codec.batch = 1
    alone = torch.cat(list(codec.decode(latents)))
    assert [len(batch) for batch in together] == [4, 1]
    assert alone.shape == (5, 3, 32, 32)
    assert alone.dtype == torch.float32
    assert float((torch.cat(together) - alone).abs().max()) < 1e-5
    assert alone.min() >= 0
    assert alone.max() <= 1


def test_encoding_draws_nothing(codec: Codec) -> None:
    picture = torch.rand(2, 3, 32, 32) * 2 - 1
    latents = codec.encode(picture)
    assert latents.shape == (2, 4, 4, 4)
    assert torch.equal(latents, codec.encode(picture))
    mean = codec.vae.encode(picture).latent_dist.mode()
    assert torch.allclose(latents, mean * 0.18215, atol=1e-6)


def test_values_of_another_type_are_taken(codec: Codec) -> None:
    codec.vae.to(torch.bfloat16)
    assert codec.encode(torch.rand(1, 3, 32, 32)).dtype == torch.bfloat16
    (pictures,) = codec.decode(torch.randn(1, 4, 4, 4))
    assert pictures.dtype == torch.float32


def narrow(codec: Codec, room: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let only `room` frames fit; gives the sizes that were tried."""
    sizes: list[int] = []
    decode = codec._decode

    def limited(latents: Tensor) -> Tensor:
        sizes.append(len(latents))
        if len(latents) > room:
            raise torch.OutOfMemoryError("full")
        return decode(latents)

    monkeypatch.setattr(codec, "_decode", limited)
    return sizes


def test_a_full_device_gets_smaller_batches(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    latents = torch.randn(6, 4, 4, 4)
    expected = torch.cat(list(codec.decode(latents)))
    sizes = narrow(codec, 1, monkeypatch)
    ours = torch.cat(list(codec.decode(latents)))
    assert sizes == [4, 2, 1, 1, 1, 1, 1, 1]
    assert float((ours - expected).abs().max()) < 1e-5


def test_a_device_without_room_for_one_frame_is_reported(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(codec, 0, monkeypatch)
    with pytest.raises(OutOfMemory, match="Not even one frame"):
        list(codec.decode(torch.randn(3, 4, 4, 4)))
