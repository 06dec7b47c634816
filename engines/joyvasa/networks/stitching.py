"""S: the three small networks that correct keypoints (stitching, lips, eyes)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


class Corrector(nn.Module):
    """Linear layers with ReLU between: (B, sizes[0]) -> (B, sizes[-1])."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.mlp = nn.Sequential()
        for i, (narrow, wide) in enumerate(pairwise(sizes)):
            if i:
                self.mlp.append(nn.ReLU())
            self.mlp.append(nn.Linear(narrow, wide))

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(x)


class StitchingNetworks(nn.Module):
    """The three networks of the one stitching file; keys are "<name in the file>.mlp.<layer>.<tensor>".

    The file holds one state_dict per network; "module." is to be cut out of their keys before loading.
    """

    def __init__(
        self,
        *,
        num_kp: int = 21,
        hidden: Sequence[int] = (128, 128, 64),
        eye_hidden: Sequence[int] = (256, 256, 128, 128, 64),
    ) -> None:
        super().__init__()
        points = 3 * num_kp
        self.retarget_shoulder = Corrector((2 * points, *hidden, points + 2))
        self.retarget_mouth = Corrector((points + 2, *hidden, points))
        self.retarget_eye = Corrector((points + 3, *eye_hidden, points))

    def stitch(self, keypoints: Tensor) -> Tensor:
        """Source and driving keypoints (B, 126) -> 63 offsets, then 2 for x and y of all points: (B, 65)."""
        return self.retarget_shoulder(keypoints)

    def lips(self, keypoints: Tensor) -> Tensor:
        """Source keypoints, the source's lip ratio and the wanted one (B, 65) -> offsets (B, 63)."""
        return self.retarget_mouth(keypoints)

    def eyes(self, keypoints: Tensor) -> Tensor:
        """Source keypoints, both eyes' ratios and the wanted one (B, 66) -> offsets (B, 63)."""
        return self.retarget_eye(keypoints)
