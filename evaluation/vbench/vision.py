"""DINO ViT-B/16 and CLIP's ViT-B/32, from transformers, with the keys of their published files."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection, ViTConfig, ViTModel
from transformers.models.vit.modeling_vit import ViTEmbeddings

PATCH = 16


class _DinoEmbeddings(ViTEmbeddings):
    """Widens the table of positions as DINO does: by a factor a little too large, which is used as it is."""

    def interpolate_pos_encoding(self, embeddings: Tensor, height: int, width: int) -> Tensor:
        table = self.position_embeddings
        side = math.isqrt(table.shape[1] - 1)
        cells = (height // PATCH, width // PATCH)
        if cells == (side, side) and height == width:
            return table
        squares = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        factors = [(count + 0.1) / side for count in cells]
        wider = functional.interpolate(squares, scale_factor=factors, mode="bicubic", align_corners=False)
        return torch.cat([table[:, :1], wider.flatten(2).transpose(1, 2)], dim=1)


class Dino(nn.Module):
    """The class token of DINO ViT-B/16 after its last norm. Arguments: another size, for tests and trials."""

    def __init__(self, width: int = 768, depth: int = 12, heads: int = 12) -> None:
        super().__init__()
        config = ViTConfig(
            hidden_size=width,
            num_hidden_layers=depth,
            num_attention_heads=heads,
            intermediate_size=4 * width,
            layer_norm_eps=1e-6,
        )
        self.vit = ViTModel(config, add_pooling_layer=False)
        self.vit.embeddings = _DinoEmbeddings(config)

    def positions(self, height: int, width: int) -> Tensor:
        """(1, cells + 1, C) positions of a frame of another size."""
        return self.vit.embeddings.interpolate_pos_encoding(torch.empty(0), height, width)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, C) from (B, 3, H, W); the rest of a side beyond a multiple of 16 is ignored."""
        return self.vit(pixel_values=frames, interpolate_pos_encoding=True).last_hidden_state[:, 0]


class ClipPictures(nn.Module):
    """CLIP's embedding of a frame, after the projection. Arguments: another size, for tests and trials."""

    def __init__(self, width: int = 768, depth: int = 12, heads: int = 12, code: int = 512) -> None:
        super().__init__()
        config = CLIPVisionConfig(
            hidden_size=width,
            num_hidden_layers=depth,
            num_attention_heads=heads,
            intermediate_size=4 * width,
            projection_dim=code,
        )
        self.clip = CLIPVisionModelWithProjection(config)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, 512) from (B, 3, 224, 224)."""
        return self.clip(pixel_values=frames).image_embeds


def load_dino(model: Dino, tensors: Mapping[str, Tensor]) -> None:
    """Fill with the tensors of dino_vitbase16_pretrain.pth. Raises RuntimeError when one does not fit."""
    model.vit.load_state_dict(dict(_named(tensors, DINO_NAMES, "qkv", "q_proj", "k_proj", "v_proj")))


def load_clip(model: ClipPictures, tensors: Mapping[str, Tensor]) -> None:
    """Fill with the visual tensors of ViT-B-32.pt. Raises RuntimeError when one does not fit."""
    found = dict(
        _named(
            tensors,
            CLIP_NAMES,
            r"in_proj",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
        )
    )
    found["visual_projection.weight"] = found["visual_projection.weight"].T
    model.clip.load_state_dict(found)


DINO_NAMES = {
    r"^cls_token$": "embeddings.cls_token",
    r"^pos_embed$": "embeddings.position_embeddings",
    r"^patch_embed\.proj\.": "embeddings.patch_embeddings.projection.",
    r"^blocks\.": "layers.",
    r"\.norm1\.": ".layernorm_before.",
    r"\.norm2\.": ".layernorm_after.",
    r"\.attn\.proj\.": ".attention.o_proj.",
    r"\.attn\.": ".attention.",
    r"^norm\.": "layernorm.",
}
CLIP_NAMES = {
    r"^visual\.proj$": "visual_projection.weight",
    r"^visual\.class_embedding$": "vision_model.embeddings.class_embedding",
    r"^visual\.positional_embedding$": "vision_model.embeddings.position_embedding.weight",
    r"^visual\.conv1\.": "vision_model.embeddings.patch_embedding.",
    r"^visual\.ln_pre\.": "vision_model.pre_layrnorm.",
    r"^visual\.ln_post\.": "vision_model.post_layernorm.",
    r"^visual\.transformer\.resblocks\.": "vision_model.encoder.layers.",
    r"\.ln_1\.": ".layer_norm1.",
    r"\.ln_2\.": ".layer_norm2.",
    r"\.mlp\.c_fc\.": ".mlp.fc1.",
    r"\.mlp\.c_proj\.": ".mlp.fc2.",
    r"\.attn\.in_proj_": ".in_proj.",
    r"\.attn\.out_proj\.": ".self_attn.out_proj.",
}


def _named(
    tensors: Mapping[str, Tensor], names: Mapping[str, str], joined: str, *parts: str
) -> Iterator[tuple[str, Tensor]]:
    """Today's names; the three projections that files keep in one tensor become three."""
    for name, value in tensors.items():
        for pattern, now in names.items():
            name = re.sub(pattern, now, name)
        if f".{joined}." not in name:
            yield name, value
            continue
        for part, third in zip(parts, value.chunk(3), strict=True):
            yield name.replace(joined, part), third
