"""Names -> those that a reader would take for one another; in English, Chinese and what is written like them.

Two names are alike if they have the same words but for their order, spaces, marks or a plural's `s`, or differ by one
letter of a longer word. They are not if what differs is a number, a short word, or, in Chinese, an opposite such as
`高` and `低`. Names are found by what they share, so that hundreds of tags cost no more than reading them.
"""

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

SHORTEST_WORD = 4
"""The fewest letters of words that can be taken for one another."""
MOST_NEAR = 8
"""How many names that share something are looked at."""
OPPOSITES = {
    *("高低", "新老", "新旧", "有无", "已未", "男女", "上下", "大小", "多少", "长短", "早晚", "快慢", "强弱", "前后"),
    *("左右", "内外", "进出", "升降", "增减", "买卖", "东西", "南北", "冷热", "好坏", "正负"),
}
"""Characters that make two names opposites, and no likenesses."""
DENIALS = frozenset("不未没无非")
_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def alike(names: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of (key, name) that are alike, the later one first; each only with the first that it is like."""
    seen: dict[str, list[int]] = {}
    known: list[tuple[str, str, tuple[str, ...]]] = []
    for key, name in names:
        words = words_of(name)
        traces = set(_traces(words))
        near = sorted({place for trace in traces for place in seen.get(trace, ())})
        first = next((known[place] for place in near if are_alike(words, known[place][2])), None)
        if first is not None:
            yield (key, name), first[:2]
        for trace in traces:
            if len(places := seen.setdefault(trace, [])) < MOST_NEAR:
                places.append(len(known))
        known.append((key, name, words))


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, without marks and capitals; a run of Chinese characters is one."""
    return tuple(_WORD.findall(normalize("NFKC", name).casefold()))


def are_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names, as their words, would be taken for one another."""
    if "".join(one) == "".join(other) or sorted(map(_stem, one)) == sorted(map(_stem, other)):
        return bool(one)
    if len(one) != len(other):
        return False
    pairs = [(first, second) for first, second in zip(one, other, strict=True) if first != second]
    return len(pairs) == 1 and _is_slip(*pairs[0])


def _is_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter that is easily overlooked: another one, one more, or two in turn."""
    short, long = sorted((one, other), key=len)
    if len(short) < SHORTEST_WORD or len(long) - len(short) > 1:
        return False
    start = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :] and not long[start].isdigit() and long[start] not in DENIALS
    first, second = short[start], long[start]
    if short[start + 1 :] != long[start + 1 :]:
        return short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return not (first.isdigit() or second.isdigit() or {first + second, second + first} & OPPOSITES)


def _stem(word: str) -> str:
    """A word without a plural's `s`; of Chinese the characters in any order, since it shows no words."""
    if word.isascii():
        return word.removesuffix("s") if len(word) >= SHORTEST_WORD else word
    return "".join(sorted(word)) if len(word) > SHORTEST_WORD else word


def _traces(words: tuple[str, ...]) -> Iterator[str]:
    """What two names share if they are alike: their words in order, and the whole with any one letter left out."""
    whole = "".join(words)
    yield " ".join(sorted(map(_stem, words)))
    yield whole
    if len(whole) >= SHORTEST_WORD:
        yield from (whole[:at] + whole[at + 1 :] for at in range(len(whole)))
