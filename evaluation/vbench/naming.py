"""Converts the names that transformers gives the two vision networks' tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

DINO = {
    r"^(vit\.)?embeddings\.cls_token$": "cls_token",
    r"^(vit\.)?embeddings\.position_embeddings$": "pos_embed",
    r"^(vit\.)?embeddings\.patch_embeddings\.projection\.": "patch_embed.proj.",
    r"^(vit\.)?encoder\.layer\.": "blocks.",
    r"^(vit\.)?layers\.": "blocks.",
    r"\.layernorm_before\.": ".norm1.",
    r"\.layernorm_after\.": ".norm2.",
    r"\.attention\.(output\.dense|o_proj)\.": ".attn.proj.",
    r"\.attention\.(attention\.query|q_proj)\.": ".attn.q.",
    r"\.attention\.(attention\.key|k_proj)\.": ".attn.k.",
    r"\.attention\.(attention\.value|v_proj)\.": ".attn.v.",
    r"\.intermediate\.dense\.": ".mlp.fc1.",
    r"(blocks\.\d+)\.output\.dense\.": r"\1.mlp.fc2.",
    r"^(vit\.)?layernorm\.": "norm.",
}
CLIP = {
    r"^visual_projection\.weight$": "visual.proj",
    r"^vision_model\.embeddings\.class_embedding$": "visual.class_embedding",
    r"^vision_model\.embeddings\.position_embedding\.weight$": "visual.positional_embedding",
    r"^vision_model\.embeddings\.patch_embedding\.": "visual.conv1.",
    r"^vision_model\.pre_layrnorm\.": "visual.ln_pre.",
    r"^vision_model\.post_layernorm\.": "visual.ln_post.",
    r"^vision_model\.encoder\.layers\.": "visual.transformer.resblocks.",
    r"\.layer_norm(\d)\.": r".ln_\1.",
    r"\.mlp\.fc1\.": ".mlp.c_fc.",
    r"\.mlp\.fc2\.": ".mlp.c_proj.",
    r"\.self_attn\.out_proj\.": ".attn.out_proj.",
    r"\.self_attn\.([qkv])_proj\.": r".attn.\1.",
}
_THIRD = re.compile(r"\.attn\.([qkv])\.(weight|bias)$")


def dino_as_published(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The names of dino_vitbase16_pretrain.pth; a file that has them already keeps them."""
    if "cls_token" in tensors:
        return dict(tensors)
    return _joined(_renamed(tensors, DINO), "qkv.{}")


def clip_as_published(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The visual tensors under the names of ViT-B-32.pt; the text encoder is left out."""
    if "visual.proj" in tensors:
        return {key: value for key, value in tensors.items() if key.startswith("visual.")}
    seen = {
        key: value
        for key, value in tensors.items()
        if key.startswith(("vision_model.", "visual_projection."))
    }
    found = _joined(_renamed(seen, CLIP), "in_proj_{}")
    if "visual.proj" in found:
        found["visual.proj"] = found["visual.proj"].T
    return {key: value for key, value in found.items() if not key.endswith("position_ids")}


def _renamed(tensors: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    found = {}
    for name, value in tensors.items():
        for pattern, published in names.items():
            name = re.sub(pattern, published, name)
        found[name] = value
    return found


def _joined(tensors: Mapping[str, Tensor], form: str) -> dict[str, Tensor]:
    """Queries, keys and values in one tensor, in this order."""
    found: dict[str, Tensor] = {}
    for name, value in tensors.items():
        match = _THIRD.search(name)
        if match is None:
            found[name] = value
        elif match[1] == "q":
            stem, kind = name[: match.start()], match[2]
            thirds = [tensors.get(f"{stem}.attn.{part}.{kind}") for part in "qkv"]
            known = [third for third in thirds if third is not None]
            found[f"{stem}.attn.{form.format(kind)}"] = torch.cat(known)
    return found
