"""Programs that are not ours read the packets of a live face."""

from __future__ import annotations

import numpy as np
import pytest
from pylivelinkface import FaceBlendShape, PyLiveLinkFace
from pythonosc.osc_bundle import OscBundle
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.live_link_csv import pascal
from media.performance.live_link_packet import LiveLinkPackets
from media.performance.osc import LARGEST_BUNDLE
from media.performance.turns import unity_quaternions
from media.performance.vmc import vmc_packets
from tests.media.performance.rows import moving

Read = list[tuple[str, list]]


def read(packets: list[bytes]) -> Read:
    """Addresses and values, in their order, as python-osc reads them."""
    assert all(len(packet) <= LARGEST_BUNDLE for packet in packets)
    return [(one.address, one.params) for packet in packets for one in OscBundle(packet)]


def shapes_of(messages: Read) -> dict[str, float]:
    return {values[0]: values[1] for address, values in messages if address == "/VMC/Ext/Blend/Val"}


def test_python_osc_reads_all_blend_shapes_between_the_state_and_apply() -> None:
    values, angles = (rows[5] for rows in moving(9, 30))
    messages = read(list(vmc_packets(values, angles, 1.25, "arkit")))
    assert messages[:2] == [("/VMC/Ext/OK", [1]), ("/VMC/Ext/T", [1.25])]
    assert messages[-1] == ("/VMC/Ext/Blend/Apply", [])
    assert shapes_of(messages) == pytest.approx(dict(zip(BLENDSHAPES, values.tolist(), strict=True)))
    bones = {values[0]: values[1:] for address, values in messages if address == "/VMC/Ext/Bone/Pos"}
    assert list(bones) == ["Head", "LeftEye", "RightEye"]
    for bone, part in zip(bones, (angles[:3], angles[3:6], angles[6:]), strict=True):
        assert bones[bone][:3] == [0, 0, 0]
        assert bones[bone][3:] == pytest.approx(Rotation.from_euler("YXZ", part).as_quat(), abs=1e-6)


def test_a_model_of_vrm_gets_vowels_and_the_person_s_own_left_eye() -> None:
    values = np.zeros(len(BLENDSHAPES), np.float32)
    values[[BLENDSHAPES.index("jawOpen"), BLENDSHAPES.index("eyeBlinkLeft")]] = 0.7, 0.9
    packets = list(vmc_packets(values, np.zeros(9, np.float32), 0.0, "vrm"))
    assert len(packets) == 1
    shapes = shapes_of(read(packets))
    assert list(shapes) == ["A", "I", "U", "E", "O", "Blink_L", "Blink_R"]
    assert (shapes["A"], shapes["Blink_L"], shapes["Blink_R"]) == pytest.approx((1.0, 0.9, 0.0))


def test_turns_go_where_unity_s_axes_put_them() -> None:
    """x is the model's right, y is up, and it looks along z."""
    yaw, pitch, roll = Rotation.from_quat(unity_quaternions(0.3 * np.eye(3)))
    assert yaw.apply([0, 0, 1])[0] > 0.2, "to the person's right"
    assert pitch.apply([0, 0, 1])[1] < -0.2, "a nod"
    assert roll.apply([0, 1, 0])[0] < -0.2, "clockwise on the picture"


def test_pylivelinkface_reads_every_value_by_its_name() -> None:
    rows, turns = moving(9, 30)
    packets = LiveLinkPackets("Anna 安娜", 25, begin=3600.0)
    for frame, (values, angles) in enumerate(zip(rows, turns, strict=True)):
        there, face = PyLiveLinkFace.decode(packets.packet(frame, values, angles))
        assert there
        assert (face.fps, len(face.uuid)) == (25, 37)
        for name, value in zip((*BLENDSHAPES, *ROTATIONS), (*values, *angles), strict=True):
            assert face.get_blendshape(FaceBlendShape[pascal(name)]) == pytest.approx(value, abs=1e-6), name


def test_a_packet_says_its_time_and_its_name() -> None:
    zeros = np.zeros(61, np.float32)
    packets = [LiveLinkPackets(name, 25, begin=2.0).packet(3, zeros[:52], zeros[52:]) for name in ("A", "B")]
    assert packets[0][:5] == b"\x06\0\0\0\x24"
    assert packets[0][41:46] == b"\0\0\0\x01A"
    assert packets[0][46:62] == b"\0\0\0\x35" + b"\0\0\0\0" + b"\0\0\0\x19" + b"\0\0\0\x01"
    assert packets[0][5:41] != packets[1][5:41], "each subject is a device of its own"
    assert len(packets[0]) == 62 + 1 + 4 * 61
    late = LiveLinkPackets("A", 25, begin=86_399.0).packet(30, zeros[:52], zeros[52:])
    assert late[46:50] == b"\0\0\0\x05", "frames count from midnight"
