"""Everything that can be set for the training of the motion generator."""

from __future__ import annotations

from typing import Literal

from training.loop.options import LoopOptions, Optimizer, choice, number

AudioModel = Literal["hubert_zh", "hubert_zh_ori", "hubert", "wav2vec2"]


class JoyVasaTraining(LoopOptions):
    """The defaults are those of the original's training script, except for the audio encoder, which is the
    released model's, and the positional encoding, whose error is corrected.
    """

    steps: int = number(50_000, 1, None, "Steps", "Total number of weight updates.")
    batch_size: int = number(16, 1, None, "Batch size", "Samples per process in one batch.")
    optimizer: Optimizer = choice(
        "adam", "Optimizer", "The optimizer; adamw8bit needs a GPU and bitsandbytes."
    )
    clip_norm: float = number(
        2.0,
        0.0,
        None,
        "Clip norm",
        "Largest gradient norm; longer gradients are scaled down to it. 0: no limit.",
    )
    save_every: int = number(1000, 1, None, "Save every", "Steps between checkpoints.")

    start: Literal["new", "generator", "random"] = choice(
        "new",
        "Start",
        "The initial weights. new: the published audio encoder, random weights for the rest. "
        "generator: a motion generator. random: random weights for everything.",
    )
    generator: str = choice("", "Generator", "The motion generator to start from. Empty: the engine's own.")
    size: Literal["full", "tiny"] = choice(
        "full", "Size", "Size of a generator with random weights; a tiny one is for tests and trials."
    )
    audio_model: AudioModel = choice("hubert_zh", "Audio model", "Audio encoder, with --start new or random.")
    positional_encoding: Literal["pe_fixed", "pe_old"] = choice(
        "pe_fixed",
        "Positional encoding",
        "pe_fixed: one code per frame. pe_old: one code for all frames, as the released model was trained.",
    )
    target: Literal["sample", "noise"] = choice(
        "sample", "Target", "What the network predicts: the motion (sample), or the noise in it."
    )
    criterion: Literal["l2", "l1"] = choice(
        "l2", "Criterion", "l2: squared differences. l1: absolute differences."
    )
    reference_loss: bool = choice(
        False,
        "Original: sum of losses",
        "Sum the losses as the original does: the first window's expression terms are lost, and the "
        "second's count one and a half times.",
    )
    constrain_previous: bool = choice(
        True, "Constrain previous", "Also predict the frames before the second window."
    )
    expression_weight: float = number(0.1, 0.0, 100.0, "Expression", "Weight of the expression loss.")
    expression_speed_weight: float = number(
        1e-4, 0.0, 100.0, "Expression's speed", "Weight of the expression's speed."
    )
    expression_smooth_weight: float = number(
        1e-4, 0.0, 100.0, "Expression's smoothness", "Weight of the expression's smoothness."
    )
    head_weight: float = number(1e-2, 0.0, 100.0, "Head", "Weight of the head pose.")
    head_speed_weight: float = number(1e-2, 0.0, 100.0, "Head's speed", "Weight of the head's speed.")
    head_smooth_weight: float = number(
        1e-2, 0.0, 100.0, "Head's smoothness", "Weight of the head's smoothness."
    )
    head_transition_weight: float = number(
        1e-2, 0.0, 100.0, "Head's transition", "Weight against jumps from one window to the next."
    )
    truncate_first: float = number(
        0.3, 0.0, 1.0, "Truncate first", "Share of steps in which voices end in the first window."
    )
    truncate_second: float = number(
        0.4, 0.0, 1.0, "Truncate second", "Share of steps in which voices end in the second window."
    )
    pad_mode: Literal["zero", "replicate"] = choice(
        "zero", "Padding", "Padding after the end: zeros (zero), or the last value (replicate)."
    )
    drop_audio: float = number(
        0.1, 0.0, 1.0, "Drop audio", "Share of samples that are trained without the voice, for guidance."
    )
    train_encoder: bool = choice(
        True, "Train encoder", "Also train the audio encoder. Its convolutions are never trained."
    )
    encoder_dropout: float = number(0.1, 0.0, 0.9, "Encoder dropout", "Dropout in the audio encoder.")
    layerdrop: float = number(
        0.1, 0.0, 0.9, "Layer drop", "Share of the audio encoder's layers that are skipped in a batch."
    )
    mask_time: bool = choice(True, "Mask time", "Mask spans of the sound in the audio encoder's transformer.")
    validation_voices: int = number(8, 1, None, "Validation voices", "Number of test voices in a validation.")
    portrait: str = choice(
        "",
        "Portrait",
        "Portrait that a validation animates if the engine's weights are installed. Empty: an example.",
    )

    def weights(self) -> dict[str, float]:
        """By the names of `losses.WEIGHTS`."""
        return {
            "noise": 1.0,
            "exp": self.expression_weight,
            "exp_vel": self.expression_speed_weight,
            "exp_smooth": self.expression_smooth_weight,
            "head_angle": self.head_weight,
            "head_vel": self.head_speed_weight,
            "head_smooth": self.head_smooth_weight,
            "head_trans": self.head_transition_weight,
        }
