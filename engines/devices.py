"""The device that networks run on, by name."""

from __future__ import annotations

from typing import Literal

import torch

from media.errors import OptionError

Precision = Literal["auto", "fp32", "fp16", "bf16"]
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def checked_device(name: str) -> torch.device:
    """The device of a name such as cpu, cuda, cuda:1 or mps. Raises OptionError when torch cannot use it."""
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch built without a device asserts
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise OptionError(
            "The device {name!r} cannot be used: {reason}. Set JOYSTUDIO_DEVICE=cpu, or install the build "
            "of torch for it.",
            name=name,
            reason=reason,
        ) from error
    return device


def multiplies_bf16(device: torch.device) -> bool:
    """Whether the device has instructions for bfloat16, so that it is faster than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if device.type != "cpu":
        return False
    # oneDNN computes in bfloat16 on x86 processors with AVX-512 and on ARM processors with 256-bit SVE.
    return torch.backends.cpu.get_cpu_capability() in ("AVX512", "SVE256")
