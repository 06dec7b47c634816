from __future__ import annotations

import cv2
import numpy as np

from training.dataset.frames import MOST_PIXELS, decode_png


def test_a_picture_with_a_false_size_is_refused() -> None:
    """The numbers stand in its head and before each piece."""
    picture = np.full((4, 6, 3), 90, np.uint8)
    content = cv2.imencode(".png", picture)[1]
    read = decode_png(content)
    assert read is not None
    np.testing.assert_array_equal(read, picture)
    stated = content.copy()
    stated[16:20] = np.frombuffer((MOST_PIXELS // 4 + 1).to_bytes(4, "big"), np.uint8)
    assert decode_png(stated) is None
    longer = content.copy()
    longer[34:37] = (1, longer[35], longer[36])
    assert decode_png(longer) is None
    assert decode_png(content[:-3]) is None
    assert decode_png(cv2.imencode(".jpg", picture)[1]) is None
    assert decode_png(content[:20]) is None
