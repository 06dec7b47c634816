"""Runs Q-Align's network in an environment of its own: `python worker.py MODEL_FOLDER DEVICE`.

This file imports nothing of this program, whose packages are not in that environment. Every line of standard
input is a request in JSON, {"prompt": TEXT, "levels": [WORD...], "pixels": FILE, "count": N, "joined": BOOL};
the answer is a line {"logits": [[NUMBER...]...]}, or {"error": TEXT}. The file holds (count, 3, 448, 448)
float32 and nothing else; joined, they are one video, otherwise single frames. The first line that is written
is {"ready": true}.

Weights are read from safetensors files alone, which hold no program.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np


def load(folder: str, device: str) -> tuple[Any, Any]:
    """Tokenizer and network, by the installed package's classes."""
    import torch
    from q_align.model import MPLUGOwl2LlamaForCausalLM
    from transformers import LlamaTokenizer

    # That version of torch cannot multiply float16 on a CPU.
    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    tokenizer = LlamaTokenizer.from_pretrained(folder)
    model = MPLUGOwl2LlamaForCausalLM.from_pretrained(
        folder,
        use_safetensors=True,
        torch_dtype=dtype,
        low_cpu_mem_usage=True,
        device_map={"": device},
        attn_implementation="eager",
    )
    return tokenizer, model.eval()


def answer(tokenizer: Any, model: Any, request: dict[str, Any]) -> list[list[float]]:
    """The logits of the levels' first tokens at the last place, (n, levels)."""
    import torch
    from q_align.constants import IMAGE_TOKEN_INDEX
    from q_align.mm_utils import tokenizer_image_token

    prompt = tokenizer_image_token(request["prompt"], tokenizer, IMAGE_TOKEN_INDEX, return_tensors="pt")
    tokens = [ids[1] for ids in tokenizer(request["levels"])["input_ids"]]
    shape = (request["count"], 3, 448, 448)
    pixels = np.memmap(request["pixels"], dtype="<f4", mode="r", shape=shape)
    batches = [pixels] if request["joined"] else (pixels[n : n + 1] for n in range(len(pixels)))
    found: list[list[float]] = []
    with torch.inference_mode():
        for batch in batches:
            images = torch.from_numpy(np.array(batch)).to(model.device, model.dtype)
            images = [images] if request["joined"] else images
            said = model(prompt[None].to(model.device), images=images)["logits"][:, -1, tokens]
            found += said.float().tolist()
    return found


def main() -> int:
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    sys.stdout = sys.stderr

    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    try:
        tokenizer, model = load(sys.argv[1], sys.argv[2])
    except Exception as error:
        tell({"error": f"{type(error).__name__}: {error}"})
        return 1
    tell({"ready": True})
    for line in sys.stdin:
        try:
            tell({"logits": answer(tokenizer, model, json.loads(line))})
        except Exception as error:
            tell({"error": f"{type(error).__name__}: {error}"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
