"""SyncNet: two branches that put five frames of a face, and the sound they take, into one space."""

from __future__ import annotations

from torch import Tensor, nn

WIDTH = 1024
"""Numbers in an embedding."""
LIP_FRAMES = 5
LIP_SIDE = 224
SOUND_STEPS = 20
"""Columns of MFCC in an audio window: 0.2 s."""


class SyncNet(nn.Module):
    """Embeds faces and sounds; the nearer two embeddings, the better lips and sound go together.

    Its keys are those of syncnet_v2.model, in whose sequences pools and activations are counted.
    narrow: divides the channels, for tests and trials.
    """

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()

        def channels(*numbers: int) -> list[int]:
            return [number // narrow for number in numbers]

        a, b, c, d, e = channels(64, 192, 384, 256, 512)
        self.netcnnaud = nn.Sequential(
            *_block_2d(1, a, 3, 1),
            nn.MaxPool2d(1, 1),
            *_block_2d(a, b, 3, 1),
            nn.MaxPool2d(3, (1, 2)),
            *_block_2d(b, c, 3, 1),
            *_block_2d(c, d, 3, 1),
            *_block_2d(d, d, 3, 1),
            nn.MaxPool2d(3, 2),
            *_block_2d(d, e, (5, 4), 0),
        )
        self.netfcaud = _head(e)
        self.netfclip = _head(e)
        first, d = channels(96, 256)
        self.netcnnlip = nn.Sequential(
            *_block_3d(3, first, (5, 7, 7), (1, 2, 2), 0),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_block_3d(first, d, (1, 5, 5), (1, 2, 2), (0, 1, 1)),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            *_block_3d(d, d, (1, 3, 3), 1, (0, 1, 1)),
            *_block_3d(d, d, (1, 3, 3), 1, (0, 1, 1)),
            *_block_3d(d, d, (1, 3, 3), 1, (0, 1, 1)),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_block_3d(d, e, (1, 6, 6), 1, 0),
        )

    def lip_features(self, faces: Tensor) -> Tensor:
        """(B, 512) before the last two layers; for `faces` see `lips`."""
        return self.netcnnlip(faces).flatten(1)

    def lips(self, faces: Tensor) -> Tensor:
        """(B, 1024) embeddings of (B, 3, 5, 224, 224) frames: blue, green, red, 0..255."""
        return self.netfclip(self.lip_features(faces))

    def sounds(self, features: Tensor) -> Tensor:
        """(B, 1024) embeddings of (B, 1, 13, 20) MFCC windows."""
        return self.netfcaud(self.netcnnaud(features).flatten(1))

    def forward(self, faces: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """The embeddings of both."""
        return self.lips(faces), self.sounds(features)


def fast_lips(model: SyncNet, frames: Tensor) -> Tensor:
    """(n - 4, 1024) embeddings of every five neighbours of (n, 3, 224, 224) frames.

    The same as `lips` on the cut windows, without copying each frame five times.
    """
    first = model.netcnnlip[0](frames.transpose(0, 1)[None])  # depth n - 4: one slice per window
    windows = first[0].transpose(0, 1)[:, :, None]
    return model.netfclip(model.netcnnlip[1:](windows).flatten(1))


def _block_2d(
    inside: int, outside: int, kernel: int | tuple[int, int], padding: int
) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inside, outside, kernel, padding=padding),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


def _block_3d(
    inside: int,
    outside: int,
    kernel: tuple[int, int, int],
    stride: int | tuple[int, int, int],
    padding: int | tuple[int, int, int],
) -> tuple[nn.Module, ...]:
    return (
        nn.Conv3d(inside, outside, kernel, stride, padding),
        nn.BatchNorm3d(outside),
        nn.ReLU(inplace=True),
    )


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, WIDTH))
