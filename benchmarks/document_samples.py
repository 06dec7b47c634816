"""Real documents of every kind, which `strange_documents` reads and `mutations` changes."""

from __future__ import annotations

import json

PRESETS = [
    {"description": "Calm.", "options": {"mouth_opening": 0.8, "fps": 25, "rest_mouth": "closed"}},
    {"description": "Lively.", "options": {"head_motion": 1.5, "blink_rate": 1.1, "animation_mode": "human"}},
]
CONFIGS = [
    {
        "ref_img_path": ["a.png", "~/b.png"], "audio_path": ["a.wav", "b.wav"], "seed": 42, "exp_name": "x",
        "inference_steps": 40, "cfg_scale": 3.5, "face_expand_ratio": 1.2, "weight_dtype": "fp16",
        "output_dir": "outputs", "data": {"source_image": {"width": 512}}, "solver": {"mask": True},
    },
]  # fmt: skip
TRAININGS = [{"kind": "joyvasa", "options": {"steps": 100, "learning_rate": 0.0001, "schedule": "cosine"}}]
LISTS = [
    b"portrait,voice,name,seed,preset,engine,head_motion\na.png,b.wav,first,7,lively,preview,0.25\n"
    b'"c, d.png","~/e.wav","two ""2""",,,,\nf.png,g.wav,,4294967295,calm,,1\n',
    "portrait;voice;anchors\n肖像.png;声音.wav;120,80 160,80 140,110\na.png;b.wav;\n".encode(),
    "portrait\tvoice\tgroup\r\na.png\tb.wav\tall\r\n".encode("utf-16"),
]
ROWS = [
    {"portrait": "a.png", "voice": "b.wav", "seed": 3, "options": {"head_motion": 0.5}, "fps": 30},
    {
        "portrait": "~/c.png",
        "voice": "d.wav",
        "name": "肖像",
        "anchors": [[1, 2], [3, 4], [5, 6]],
        "preset": "calm",
    },
    {"portrait": "e.png", "voice": "f.wav", "engine": "joyvasa", "group": "x", "face_index": 1},
]
ITEMS = [
    {
        "name": f"take-{number}_1f0a9c2b", "source": "a/take.mp4", "frames": 100 + number, "width": 512,
        "height": 512, "notes": ["one"], "split": "train",
    }
    for number in range(3)
]  # fmt: skip
DESCRIPTION = {"kind": "joyvasa", "version": 1, "fps": 25, "random_weights": False, "videos": "/videos"}
LABELS = [{"audio_name": f"{name}.wav", "motion_name": f"motions/{name}.pkl"} for name in "abc"]
RESULT = {
    "job_id": "0123456789abcdef", "path": "/outputs/a.mp4", "frames": 100, "fps": 25, "size": [512, 512],
    "duration": 4.0, "seconds": 2.5, "first_chunk_seconds": 0.4, "realtime_factor": 0.6, "engine": "preview",
    "preset": "natural", "options": {"fps": 25, "mouth_opening": 1.0}, "seed": 0, "portrait": "a.png",
    "speech": "b.wav", "portrait_sha256": "ab" * 32, "speech_sha256": "cd" * 32, "random_weights": False,
    "notes": ["A note."], "motion": None, "signed": True, "device": "cpu",
}  # fmt: skip
MADE = {
    "video": "videos/a.mp4", "stamp": "ab" * 32, "size": 1000, "time": 1_700_000_000_000_000_000,
    "sha256": "cd" * 32, "facts": {"frames": 100, "notes": []},
}  # fmt: skip
SCORES = {"key": "[2, []]", "scores": {"builtin": {"value": 1.5, "note": "", "extras": {"of": 3}}}}
OPTIONS = [
    {"mouth_opening": 0.8, "head_motion": 1.2, "fps": 30, "rest_mouth": "as_portrait"},
    {"animation_mode": "animal", "blink_rate": 0, "smoothing": 0.3, "expression": "1.5"},
]
JOBS = [
    {
        "portrait": "/tmp/a.png", "voice": "/tmp/b.wav", "consent": True, "seed": 1, "preset": "calm",
        "face_index": 0, "anchors": [[120, 80], [160, 80], [140.5, 110]], "head_motion": 0.5, "fps": 25,
    },
]  # fmt: skip
FORMS = [
    {
        "consent": "true", "engine": "preview", "preset": "calm", "seed": "7", "face_index": "0",
        "options": json.dumps({"head_motion": 0.5, "rest_mouth": "closed"}),
    },
]  # fmt: skip
COLUMNS = [b"preview", b"preview:lively,fps=30", b"joyvasa:balanced,cfg_scale=3.5,inference-steps=10"]
REPORT = {
    "active_manifest": "urn:1",
    "manifests": {
        "urn:1": {
            "claim_generator_info": [{"name": "JoyStudio"}],
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "data": {"actions": [{"digitalSourceType": "http://x/trainedAlgorithmicMedia"}]},
                },
                {"label": "org.joystudio", "data": {"engine": "preview"}},
            ],
            "signature_info": {"common_name": "A", "issuer": "B", "alg": "Es256"},
        }
    },
    "validation_state": "Valid",
    "validation_results": {"activeManifest": {"failure": [{"code": "signingCredential.untrusted"}]}},
}
SOUNDS = [b"start,end,phoneme\n0.00,0.10,m\n0.10,0.25,AA1\n0.25,0.31,p\n"]
MARKS = [
    b"name,seconds,value,ease\nhappy,0,0,smooth\nhappy,0.5,0.8,\nheadPitch,1,4,linear\n",
    b'{"version": 1, "tracks": [{"name": "gazeX", "ease": "step", "keys": [[0, 0], [1.5, -0.5]]}]}',
]
EMOTIONS = [b"happy 0.6, surprised 20%", "温暖，微微笑".encode(), b"warm, subtly smiling and sad:.5"]
PATHS = [b"~/a.png", b"portraits/a.png", "/data/肖像/声音.wav".encode(), b"../x.mp4"]
