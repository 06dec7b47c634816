from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from engines.weights.manifest import NetworkManifest, TensorRow, derive, read_manifest

DOCUMENT = {
    "networks": {
        "net": {
            "config": {"width": 4},
            "gains": [["head", 0.3]],
            "keys": [
                ["head.weight", [4, 2], "float32", "matrix*0.3"],
                ["tail.weight", [4, 2], "float32", "alias", "head.weight"],
                ["count", [], "int64", "zero"],
            ],
        }
    }
}


@pytest.mark.parametrize("packed", [False, True])
def test_reading(tmp_path: Path, packed: bool) -> None:
    content = json.dumps(DOCUMENT).encode()
    path = tmp_path / ("m.json.gz" if packed else "m.json")
    path.write_bytes(gzip.compress(content) if packed else content)
    manifest = read_manifest(path)
    assert list(manifest) == ["net"]
    net = manifest["net"]
    assert net.rows[1] == TensorRow("tail.weight", (4, 2), "float32", "alias", "head.weight")
    assert net.shapes == {"head.weight": (4, 2), "tail.weight": (4, 2), "count": ()}
    assert net.gains == (("head", 0.3),)
    assert [row.size for row in net.rows] == [8, 8, 1]


def test_another_size_keeps_the_rules() -> None:
    net = NetworkManifest(
        "net", (TensorRow("a", (4, 2), "float32", "matrix*8"), TensorRow("b", (4,), "float32", "bias")), {}
    )
    narrow = derive(net, {"a": ((2, 1), "float32")}, {"width": 2})
    assert narrow.rows == (TensorRow("a", (2, 1), "float32", "matrix*8"),)
    assert narrow.config == {"width": 2}
    with pytest.raises(ValueError, match="net has no c"):
        derive(net, {"c": ((2, 1), "float32")}, {})
