"""The sentences that the voices speak, made from patterns, with many p, b, m, f and v.

Held-out sentences are fixed lists that no pattern makes. Mandarin is written in numbered pinyin, as
espeak-ng's voice `cmn-latn-pinyin` reads it. Other languages' voices read made-up words, which cover their
sounds without a text of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_SUBJECTS = (
    "my mother|the baker|a brave pilot|Bob|Emma|the five farmers|our neighbour|a famous poet|"
    "the old captain|nobody|the whole family|Peter|every village|the film maker|your boss|a quiet bear|"
    "the mayor|Vivian|the happy puppy|my best friend|the orange cat|a young woman|Doctor Webb|"
    "the people upstairs|someone"
).split("|")
_VERBS = (
    "bought|moved|painted|forgot|loves|observed|phoned|wrapped|will visit|may borrow|found|brought home|"
    "prefers|has never seen|dropped|keeps|wove|measured|offered|believes in|remembered|pushed|shouted at|"
    "threw away|chose"
).split("|")
_OBJECTS = (
    "a bag of apples|the paper boat|my blue umbrella|five purple balloons|the broken lamp|"
    "a bowl of warm soup|the big map|every new movie|a pair of velvet gloves|the empty bottle|"
    "some beef and potatoes|the first bus|a vase of yellow flowers|the football|an awful poem|"
    "the computer|that strange machine|a cup of coffee|the heavy drum|a wooden table|the bubble bath|"
    "the oil painting|a thousand ships|the measure of joy|much more"
).split("|")
_ENDINGS = (
    "before breakfast|in the middle of May|by the river|from time to time|above the shop|with both hands|"
    "for fun|at half past four|behind the barn|on a foggy evening|after a long pause|just for me|"
    "every summer|without a problem|in November|near the museum|while it rained|because of you|"
    "to impress people|again"
).split("|")
_SENTENCES = (
    "Mum made me a map.|Papa, please pass the pepper.|Move over, Bob, I need some room.|"
    "We have a very big van.|Maybe the problem is above the pump.|Wow, that was a wonderful view!|"
    "Have a fabulous afternoon.|I am a bit fed up, but I may be back.|Why would you whisper at work?|"
    "She sells sea shells, I suppose.|The boys enjoyed a long voyage.|Ah, now I know how far it is.|"
    "Are all of our farms calm?|Good morning everybody, and welcome to the programme.|"
    "Thank you very much for coming.|Father bought a hot pot.|Put both books up there, please.|"
    "Can you imagine? I cannot believe my eyes.|Five, six, seven, eight, nine, ten.|"
    "Zero point five percent of the people moved abroad."
).split("|")

_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w".split()
_FINALS = {
    **dict.fromkeys(["b", "p"], "a o ai ei ao an ang en eng i iao ie ian in ing u".split()),
    "m": "a o ai ei ao ou an ang en eng i iao ie ian in ing u".split(),
    "f": "a o ei ou an ang en eng u".split(),
    **dict.fromkeys(["d", "t"], "a ai ao ou an ang eng e i iao ie ian ing u uo ui uan un ong".split()),
    **dict.fromkeys(["n", "l"], "a ai ao an ang eng e i iao ie ian in ing iang iu u uo uan ong v".split()),
    **dict.fromkeys(["g", "k", "h"], "a ai ao ou an ang en eng e u ua uo uai ui uan un uang ong".split()),
    **dict.fromkeys(["j", "q", "x"], "i ia ie iao iu ian in iang ing iong u ue uan un".split()),
    **dict.fromkeys(["zh", "ch", "sh"], "a ai ao ou an ang en eng e i u ua uo ui uan un uang".split()),
    "r": "ao ou an ang en eng e i u uo ui uan un ong".split(),
    **dict.fromkeys(["z", "c", "s"], "a ai ao ou an ang en eng e i u uo ui uan un ong".split()),
    "y": "a ao e i an ang in ing ong ou u ue uan un".split(),
    "w": "a o ai ei an ang en u".split(),
}
_PHRASES = (
    "ni3 hao3|wo3 ai4 ni3|peng2 you5 men5|ba4 ba5 ma1 ma5|bu4 ming2 bai5|fei1 chang2 piao4 liang5|"
    "mei2 you3 ban4 fa3|mian4 bao1|fei1 ji1 piao4|wan3 shang4|bei3 jing1|shang4 hai3|ping2 guo3|pu2 tao5|"
    "fa1 xian4 wen4 ti2|da4 jia1 hao3|huan1 ying2 guang1 lin2|ming2 tian1 jian4|ma3 ma3 hu1 hu5|"
    "man4 man4 lai2|bang1 bang1 mang2|fang1 bian4 mian4|ke3 yi3 ma5|xie4 xie5|bao4 ming2|pao3 bu4|"
    "yue4 liang5|lao3 shi1|xue2 sheng5|wei4 shen2 me5|zhong1 guo2|yin1 yue4|dian4 ying3|ba1 bai3|hu2 po1|"
    "mu4 bu4|fu4 mu3|mi4 feng1|bo1 bo5|po4 huai4"
).split("|")

_ONSETS = "p b m f v w s t d k g l r n j z p b m pr br pl bl fl tr st kr".split()
_NUCLEI = "a a e i o u a ai au ei".split()
_FRENCH_NUCLEI = "a e i o u u eu eu ou ou ai au oi".split()
_ROUNDED_NUCLEI = "a e i o u ü ü ö ö ei au".split()
_CODAS = ["", "", "", "n", "m", "l", "s", "r", "t", "p"]

HELD_OUT_ENGLISH = (
    "The puppy jumped over a muddy pond.",
    "Please remember to bring my brown umbrella.",
    "A heavy fog moved up from the bay.",
    "Maple syrup is poured over warm pancakes.",
    "Beth and Tom hope to buy a farm.",
    "Her phone rang five times, but nobody picked up.",
    "We were amazed by the beauty of the garden.",
    "Who put the empty cup behind the sofa?",
    "The bishop bowed, and the crowd began to clap.",
    "I never thought that summer would be this calm.",
    "Above the village, a small bell was ringing.",
    "Two blue boats float past the harbour wall.",
)
HELD_OUT_MANDARIN = (
    "jin1 tian1 de5 tian1 qi4 fei1 chang2 hao3",
    "wo3 men5 yi4 qi3 qu4 gong1 yuan2 pao3 bu4 ba5",
    "ma1 ma5 mai3 le5 mian4 bao1 he2 ping2 guo3",
    "ta1 bu4 ming2 bai5 wei4 shen2 me5 peng2 you5 mei2 lai2",
    "fang2 jian1 li3 you3 yi4 ba3 po4 yi3 zi5",
    "qing3 bang1 wo3 ba3 men2 da3 kai1",
    "mei4 mei5 pa4 ba1 pa5 bu2 pa4 mao1",
    "fei1 ji1 ma3 shang4 jiu4 yao4 qi3 fei1",
    "bei1 zi5 fang4 zai4 zhuo1 zi5 shang4 mian4",
    "lao3 shi1 shuo1 ming2 tian1 bu2 yong4 shang4 ke4",
)


def english(rng: np.random.Generator) -> str:
    """One English sentence, or two with a pause between."""
    if rng.random() < 0.15:
        return str(rng.choice(_SENTENCES))
    words = [str(rng.choice(part)) for part in (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS)]
    joint = "," if rng.random() < 0.2 else ""
    sentence = f"{words[0]} {words[1]} {words[2]}{joint} {words[3]}".capitalize()
    return sentence + str(rng.choice([".", ".", "!", "?"]))


def mandarin(rng: np.random.Generator) -> str:
    """A line of pinyin with tones: known phrases between syllables drawn from the whole table."""
    parts: list[str] = []
    for _ in range(rng.integers(3, 6)):
        if rng.random() < 0.5:
            parts.append(str(rng.choice(_PHRASES)))
        else:
            parts += [_syllable(rng) for _ in range(rng.integers(2, 5))]
        if rng.random() < 0.15:
            parts[-1] += ","
    return " ".join(parts)


def _syllable(rng: np.random.Generator) -> str:
    initial = str(rng.choice(_INITIALS if rng.random() < 0.65 else _INITIALS[:4]))
    return f"{initial}{rng.choice(_FINALS[initial])}{rng.integers(1, 5)}"


def invented(rng: np.random.Generator, nuclei: Sequence[str] = _NUCLEI) -> str:
    """A sentence of made-up words that any voice with Latin letters can read."""
    words = [
        "".join(
            str(rng.choice(_ONSETS)) + str(rng.choice(nuclei)) + str(rng.choice(_CODAS))
            for _ in range(rng.integers(1, 4))
        )
        for _ in range(rng.integers(4, 9))
    ]
    if rng.random() < 0.3:
        words[len(words) // 2] += ","
    return " ".join(words).capitalize() + "."


def french(rng: np.random.Generator) -> str:
    """A sentence of made-up words in French spelling, rich in the vowels of "lune" and "feu"."""
    return invented(rng, _FRENCH_NUCLEI)


def rounded(rng: np.random.Generator) -> str:
    """A sentence of made-up words, rich in ü and ö, for voices that read these letters."""
    return invented(rng, _ROUNDED_NUCLEI)
