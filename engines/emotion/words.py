"""The words for emotions in English and Chinese. The same words always mean the same face."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE: Mapping[str, tuple[str, ...]] = {
    "neutral": ("neutral", "none", "normal", "中性", "自然", "平静", "无表情", "正常"),
    "happy": (
        "happy", "joy", "joyful", "happiness", "glad", "fun", "cheerful", "delighted", "laughing", "excited",
        "cheer", "高兴", "快乐", "开心", "喜悦", "愉快", "欢快", "兴奋", "喜", "大笑", "欢乐",
    ),
    "sad": (
        "sad", "sadness", "sorrow", "sorrowful", "unhappy", "grief", "crying", "depressed", "upset", "pain",
        "悲伤", "难过", "伤心", "哀", "悲", "忧伤", "沮丧", "痛苦", "哭",
    ),
    "angry": (
        "angry", "anger", "mad", "furious", "rage", "annoyed", "生气", "愤怒", "怒", "恼怒", "气愤", "恼火",
    ),
    "surprised": (
        "surprised", "surprise", "amazed", "amazement", "astonished", "shocked", "wow", "惊讶", "吃惊",
        "惊奇", "惊", "震惊", "诧异",
    ),
    "afraid": (
        "afraid", "fear", "fearful", "scared", "frightened", "terrified", "anxious", "害怕", "恐惧", "惊恐",
        "恐", "惧", "紧张",
    ),
    "disgusted": ("disgusted", "disgust", "contempt", "厌恶", "恶心", "反感", "嫌弃", "轻蔑"),
    "relaxed": ("relaxed", "calm", "peaceful", "content", "serene", "relief", "放松", "轻松", "安详", "惬意"),
}  # fmt: skip
"""By emotion, the words that mean it at full strength."""

FAINT: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "happy": (
        0.35,
        ("warm", "friendly", "kind", "smiling", "smile", "pleasant", "welcoming", "optimistic", "playful",
         "温暖", "友好", "亲切", "微笑", "和善", "温柔", "友善", "热情", "笑"),
    ),
    "sad": (0.4, ("melancholic", "melancholy", "wistful", "disappointed", "tired", "忧郁", "失望", "疲惫")),
    "angry": (0.4, ("serious", "stern", "determined", "strict", "严肃", "严厉", "坚定")),
    "surprised": (0.4, ("curious", "interested", "好奇", "感兴趣")),
    "afraid": (0.4, ("worried", "nervous", "concerned", "担心", "不安", "忧虑")),
    "disgusted": (0.4, ("skeptical", "sceptical", "怀疑")),
    "relaxed": (0.6, ("gentle", "soft", "sleepy", "柔和", "困倦")),
}  # fmt: skip
"""By emotion, a strength and the words that mean it at that strength."""

DEGREES: Mapping[str, float] = {
    **dict.fromkeys(("subtly", "subtle", "slightly", "slight", "faintly", "faint", "little", "bit"), 0.35),
    **dict.fromkeys(("somewhat", "mildly", "mild", "rather", "half"), 0.6),
    **dict.fromkeys(("very", "extremely", "really", "totally", "deeply", "broadly", "big"), 1.0),
    **dict.fromkeys(("微微", "略微", "稍微", "有点", "一点", "淡淡", "轻微", "稍", "略"), 0.35),
    **dict.fromkeys(("比较", "较"), 0.6),
    **dict.fromkeys(("非常", "十分", "极其", "特别", "很", "极"), 1.0),
}
"""Words before an emotion that set its strength. A faint word is not made fainter by them."""

FILLERS = frozenset(
    ("a", "an", "and", "the", "with", "in", "of", "but", "feeling", "face", "look", "looking", "expression",
     "mood", "tone", "的", "地", "又", "和", "而", "且", "并", "带", "着", "表情", "语气", "样子")
)  # fmt: skip
"""Words that say nothing of the emotion."""


def meanings() -> dict[str, tuple[str, float]]:
    """By word, its emotion and strength."""
    whole = {word: (emotion, 1.0) for emotion, words in WHOLE.items() for word in words}
    faint = {word: (emotion, much) for emotion, (much, words) in FAINT.items() for word in words}
    return whole | faint
