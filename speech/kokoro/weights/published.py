"""The identification of Kokoro's published files: their SHA-256 or, if that is unknown, their size."""

from __future__ import annotations

SHA256: dict[str, tuple[str, ...]] = {
    # From the repository, and from the kokoro-onnx project's release of the same network.
    "onnx/model_quantized.onnx": (
        "fbae9257e1e05ffc727e951ef9b9c98418e6d79f1c9b6b13bd59f5c9028a1478",
        "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    ),
    "voices/af_heart.bin": ("d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",),
    "voices/af_bella.bin": ("f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",),
    "voices/af_nicole.bin": ("cd2191ab31b914ed7b318416b0e4440fdf392ddad9106a060819aa600a64f59a",),
    "voices/af_aoede.bin": ("4a004c33430762e2461eedb2013fad808ef4ab3121f5300f554476caf58d8361",),
    "voices/af_kore.bin": ("9be5221b6a941c04b561959b8ff0b06e809444dcc4ab7e75a7b23606f691819e",),
    "voices/af_sarah.bin": ("4409fbc125afabacc615d94db5398d847006a737b0247d6892b7a9a0007a2f0a",),
    "voices/am_fenrir.bin": ("c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",),
    "voices/am_michael.bin": ("1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",),
    "voices/am_puck.bin": ("fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",),
    "voices/bf_emma.bin": ("669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",),
    "voices/bf_isabella.bin": ("3754352c4aaa46d17f27654ab7518d65b62ad6163a0f55a5f4330c2da2c4e94f",),
    "voices/bm_fable.bin": ("f889083196807b4adb15e9204252165f503b8d33d3982e681c52443c49d798f1",),
    "voices/bm_george.bin": ("c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",),
    "voices/zf_xiaobei.bin": ("5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",),
    "voices/zf_xiaoni.bin": ("08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",),
    "voices/zf_xiaoxiao.bin": ("03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",),
    "voices/zf_xiaoyi.bin": ("bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",),
    "voices/zm_yunjian.bin": ("de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",),
    "voices/zm_yunxi.bin": ("7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",),
    "voices/zm_yunxia.bin": ("6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",),
    "voices/zm_yunyang.bin": ("261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",),
}
SIZE = {"onnx/model.onnx": 325_532_232}
