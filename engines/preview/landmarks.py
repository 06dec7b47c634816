"""Which of MediaPipe's 478 face-mesh points trace the parts that the preview engine moves.

Every contour runs from the picture's left to its right. "left" and "right" are the picture's sides,
not the person's. The numbering is that of MediaPipe's canonical face model.
"""

from __future__ import annotations

LIPS_OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LIPS_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)

LEFT_EYE_UPPER = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_EYE_LOWER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_EYE_UPPER = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_EYE_LOWER = (362, 382, 381, 380, 374, 373, 390, 249, 263)

LEFT_IRIS = (468, 469, 470, 471, 472)
RIGHT_IRIS = (473, 474, 475, 476, 477)
"""The middle and four points of the rim."""

LEFT_BROW = (46, 53, 52, 65, 55)
RIGHT_BROW = (285, 295, 282, 283, 276)

JAW_LINE = (
    234,
    93,
    132,
    58,
    172,
    136,
    150,
    149,
    176,
    148,
    152,
    377,
    400,
    378,
    379,
    365,
    397,
    288,
    361,
    323,
    454,
)
FACE_OVAL_TOP = 10
CHIN = 152
NOSE_BASE = 2
EAR_LEFT = 234
EAR_RIGHT = 454
