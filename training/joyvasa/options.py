"""Everything that can be set for the training of the motion generator."""

from __future__ import annotations

from typing import Literal

from training.loop.options import LoopOptions, Optimizer, choice, number

AudioModel = Literal["hubert_zh", "hubert_zh_ori", "hubert", "wav2vec2"]


class JoyVasaTraining(LoopOptions):
    """The defaults are those of the original's training script but for the audio encoder, which is the
    released model's, and the positional encoding, whose fault is mended.
    """

    steps: int = number(50_000, 1, None, "Steps", "Updates of the weights in all.")
    batch_size: int = number(16, 1, None, "Batch size", "Samples that a process takes at once.")
    optimizer: Optimizer = choice(
        "adam", "Optimizer", "What moves the weights; adamw8bit needs a GPU and bitsandbytes."
    )
    clip_norm: float = number(
        2.0, 0.0, None, "Clip norm", "Gradients longer than this are shortened to it; 0: never."
    )
    save_every: int = number(1000, 1, None, "Save every", "Steps from one checkpoint to the next.")

    start: Literal["new", "generator", "random"] = choice(
        "new",
        "Start",
        "Where the weights come from. new: the published audio encoder, the rest drawn at random; generator: "
        "a motion generator; random: everything drawn at random.",
    )
    generator: str = choice(
        "", "Generator", "The motion generator to start from; empty: the one of the engine."
    )
    size: Literal["full", "tiny"] = choice(
        "full", "Size", "Of a generator that is drawn at random; a tiny one is for tests and trials."
    )
    audio_model: AudioModel = choice(
        "hubert_zh", "Audio model", "Audio encoder of a generator that starts new or at random."
    )
    positional_encoding: Literal["pe_fixed", "pe_old"] = choice(
        "pe_fixed",
        "Positional encoding",
        "pe_fixed: a code for each frame. pe_old: one code for all, as the released model was trained.",
    )
    target: Literal["sample", "noise"] = choice(
        "sample", "Target", "What is predicted: the motion (sample), or the noise in it."
    )
    criterion: Literal["l2", "l1"] = choice("l2", "Criterion", "l2: squared differences. l1: absolute ones.")
    reference_loss: bool = choice(
        False,
        "Original: sum of losses",
        "As the original sums them: of the expression's terms the first window's are lost, and the second's "
        "count one and a half times.",
    )
    constrain_previous: bool = choice(
        True, "Constrain previous", "The frames before the second window have to be predicted, too."
    )
    expression_weight: float = number(0.1, 0.0, 100.0, "Expression", "Weight of the expression.")
    expression_speed_weight: float = number(1e-4, 0.0, 100.0, "Expression's speed", "Weight of its speed.")
    expression_smooth_weight: float = number(
        1e-4, 0.0, 100.0, "Expression's smoothness", "Weight against its bends."
    )
    head_weight: float = number(1e-2, 0.0, 100.0, "Head", "Weight of the head's pose.")
    head_speed_weight: float = number(1e-2, 0.0, 100.0, "Head's speed", "Weight of its speed.")
    head_smooth_weight: float = number(1e-2, 0.0, 100.0, "Head's smoothness", "Weight against its bends.")
    head_transition_weight: float = number(
        1e-2, 0.0, 100.0, "Head's transition", "Weight against jumps from one window to the next."
    )
    truncate_first: float = number(
        0.3, 0.0, 1.0, "Truncate first", "Share of the steps in which voices end in the first window."
    )
    truncate_second: float = number(
        0.4, 0.0, 1.0, "Truncate second", "Share of the steps in which voices end in the second window."
    )
    pad_mode: Literal["zero", "replicate"] = choice(
        "zero", "Padding", "What follows the end: nothing (zero), or the last value (replicate)."
    )
    drop_audio: float = number(
        0.1, 0.0, 1.0, "Drop audio", "Share of the samples that do not hear the voice, for guidance."
    )
    train_encoder: bool = choice(
        True, "Train encoder", "Train the audio encoder, too; its convolutions always stay as they are."
    )
    encoder_dropout: float = number(0.1, 0.0, 0.9, "Encoder dropout", "Dropout in the audio encoder.")
    layerdrop: float = number(
        0.1, 0.0, 0.9, "Layer drop", "Share of the audio encoder's layers that a batch leaves out."
    )
    mask_time: bool = choice(
        True, "Mask time", "Hide stretches of the sound from the audio encoder's transformer."
    )
    validation_voices: int = number(
        8, 1, None, "Validation voices", "How many of the test voices are judged in a validation."
    )
    portrait: str = choice(
        "",
        "Portrait",
        "Picture that a validation animates where the engine's weights are there; empty: an example.",
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
