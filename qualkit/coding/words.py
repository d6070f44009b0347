"""Words and parts of words as numbers: what the learned layer sees without an encoder.

texts -> counts of words, pairs of words and parts of words, hashed -> tf-idf, length 1 each

References
----------
Manning, C. D., Raghavan, P., and Schütze, H. (2008). Introduction to Information
Retrieval, section 6.4.1 (sublinear tf) and 6.2 (idf).
Weinberger, K., et al. (2009). Feature hashing for large scale multitask learning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.passages import Passage

if TYPE_CHECKING:
    import numpy
    from scipy import sparse

    Array: TypeAlias = numpy.ndarray[Any, Any]
    Sparse: TypeAlias = sparse.csr_matrix

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_WORD = r"(?u)\b\w[\w']*\b"


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of feature: how it is counted, into how many columns, and what it weighs."""

    analyzer: str
    lengths: tuple[int, int]
    size: int
    weight: float = 1.0


SORTS: Mapping[str, Sort] = {
    "words": Sort("word", (1, 2), 2**16),
    "parts": Sort("char_wb", (3, 5), 2**16),
    "question": Sort("word", (1, 1), 2**12, 0.4),
    "role": Sort("word", (1, 1), 2**4, 0.3),
}
"""What the stretch itself says weighs most; what was asked, and who speaks, less."""
LEAST_SEEN = 2
"""What stands in fewer stretches is left out: it can tell nothing of new ones."""
N_FEATURES = sum(sort.size for sort in SORTS.values())


@dataclass(frozen=True)
class WordFeatures:
    """Weights of hashed features: inverse document frequency.

    Attributes
    ----------
    weights : array of float32, shape (N_FEATURES,)
        In order of `SORTS`.
    """

    weights: Array

    @classmethod
    def fit(cls, passages: Iterable[Passage]) -> WordFeatures:
        """Return features with weights as rare as the passages have them."""
        import numpy

        weights = []
        for counts in _counted(list(passages)):
            present = numpy.bincount(counts.indices, minlength=counts.shape[1])
            idf = numpy.log((1 + counts.shape[0]) / (1 + present)) + 1
            weights.append(numpy.where(present < LEAST_SEEN, 0.0, idf))
        return cls(numpy.concatenate(weights).astype(numpy.float32))

    def transform(self, passages: Sequence[Passage]) -> Sparse:
        """Return the features of every stretch, shape (n_stretches, N_FEATURES).

        The part of each sort has length 1, times the sort's weight; nothing where
        there is no such word.
        """
        import numpy
        from scipy import sparse
        from sklearn.preprocessing import normalize

        blocks = []
        first = 0
        for counts, sort in zip(_counted(passages), SORTS.values(), strict=True):
            own = self.weights[first : first + sort.size]
            counts.data = (1 + numpy.log(counts.data)) * own[counts.indices]
            blocks.append(normalize(counts, copy=False) * sort.weight)
            first += sort.size
        return sparse.hstack(blocks, format="csr")


def _counted(passages: Sequence[Passage]) -> list[Sparse]:
    """Return the counts of each sort for every stretch, in order of `SORTS`."""
    stretches = [_plain(p.stretch(i)) for p in passages for i in range(len(p.spans))]
    asked = [_plain(p.question) for p in passages for _ in p.spans]
    roles = [p.role or "nobody" for p in passages for _ in p.spans]
    texts = {"words": stretches, "parts": stretches, "question": asked, "role": roles}
    return [_counted_once(sort, texts[name]) for name, sort in SORTS.items()]


def _counted_once(sort: Sort, texts: Sequence[str]) -> Sparse:
    """Return the counts of each text; questions and roles come again and again."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    counts = _vectorizer(sort).transform(places)
    return counts if len(places) == len(texts) else counts[[places[text] for text in texts]]


def _vectorizer(sort: Sort) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        analyzer=sort.analyzer,
        ngram_range=sort.lengths,
        token_pattern=_WORD if sort.analyzer == "word" else None,
        n_features=sort.size,
        alternate_sign=False,
        norm=None,
    )


def _plain(text: str) -> str:
    """Return a text with every kind of apostrophe as the plain one."""
    return text.translate(_APOSTROPHES)


def terms(text: str) -> dict[str, int]:
    """Return the words and pairs of words of a text with their columns, for explanations."""
    from sklearn.utils.murmurhash import murmurhash3_32

    vectorizer = _vectorizer(SORTS["words"])
    return {
        term: abs(int(murmurhash3_32(term, seed=0))) % SORTS["words"].size
        for term in vectorizer.build_analyzer()(_plain(text))
    }
