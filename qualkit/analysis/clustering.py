"""Families grouped by their yes/no needs: latent classes, fitted by EM over many starts.

answers, some not known -> distinct rows with weights -> latent classes -> each row's class

Within a class needs are independent of each other, so that a class is told by the chance of each
need (Lazarsfeld and Henry 1968; Goodman 1974). An answer that is not known is left out of the
likelihood of its row: nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

UNKNOWN = -1
PRIOR = 1.0
"""Each chance is drawn to that of all families as if one family more had answered so."""
MOST_SEARCHED = 3_000
"""Of more distinct rows, so many drawn by lot choose among the starts; then all are fitted."""
_SHORT, _LONG = 12, 500
_KEPT = 3
_PART = 8_192
_EDGE = 1e-6
_STILL, _STILL_EACH = 1e-4, 1e-6
"""EM has come to rest when a round adds less than this to the log-likelihood, or 1e-6 a family."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Distinct rows of answers.

    Attributes
    ----------
    patterns : ndarray of int8, shape (n_patterns, n_needs)
        1 yes, 0 no, -1 not known; in order, so that nothing hangs on the order of families.
    weights : ndarray of float, shape (n_patterns,)
        Families with each row.
    which : ndarray of int, shape (n_families,)
        The row of each family; -1 for a family without a single answer.
    """

    patterns: Array
    weights: Array
    which: Array

    @property
    def families(self) -> float:
        """How many families are grouped."""
        return float(self.weights.sum())


@dataclass(frozen=True, slots=True)
class Classes:
    """Latent classes; of several trials at once there is an axis more in front.

    Attributes
    ----------
    chances : ndarray, shape (n_groups, n_needs)
        Chance of each need in each class, above 0 and under 1.
    shares : ndarray, shape (n_groups,)
        Share of families in each class.
    """

    chances: Array
    shares: Array

    def pick(self, which: Any) -> Classes:
        """Return some of several trials, or one."""
        return Classes(self.chances[which], self.shares[which])


@dataclass(frozen=True, slots=True)
class Trials:
    """Classes after EM, with the log-likelihood of each trial and, with the prior, what grew."""

    classes: Classes
    log_likelihood: Array
    objective: Array


def collect_answers(matrix: Array) -> Answers:
    """Return the distinct rows of a matrix of answers, shape (n_families, n_needs).

    Raises
    ------
    ValueError
        An answer is not 1, 0 or -1.
    """
    import numpy

    if not numpy.isin(matrix, (1, 0, UNKNOWN)).all():
        raise ValueError("answers are 1, 0 or -1")
    digits = numpy.ascontiguousarray(matrix, dtype=numpy.int8)
    answered = (digits != UNKNOWN).any(axis=1)
    which = numpy.full(len(digits), -1, dtype=numpy.int64)
    if not answered.any():
        return Answers(digits[:0], numpy.zeros(0), which)
    patterns, inverse, counts = numpy.unique(
        digits[answered], axis=0, return_inverse=True, return_counts=True
    )
    which[answered] = inverse.ravel()
    return Answers(patterns, counts.astype(float), which)


def thin_out(answers: Answers, generator: numpy.random.Generator) -> Answers:
    """Return the answers, or of very many distinct rows some drawn by lot."""
    import numpy

    if len(answers.patterns) <= MOST_SEARCHED:
        return answers
    odds = answers.weights / answers.families
    chosen = numpy.sort(
        generator.choice(len(odds), MOST_SEARCHED, replace=False, p=odds, shuffle=False)
    )
    return Answers(answers.patterns[chosen], answers.weights[chosen], answers.which[:0])


def one_thread() -> AbstractContextManager[Any]:
    """Inside it linear algebra stays on one processor: for small matrices more are slower."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return cast("AbstractContextManager[Any]", threadpool_limits(limits=1))


class Material:
    """Answers laid out for EM: what is known, what is yes, and the chances over all."""

    def __init__(self, answers: Answers) -> None:
        import numpy

        self.patterns, self.weights = answers.patterns, answers.weights
        self.families = answers.families
        yes = numpy.zeros(answers.patterns.shape[1])
        known = numpy.zeros(answers.patterns.shape[1])
        self.complete = bool((answers.patterns != UNKNOWN).all())
        for rows, own, there in self.parts():
            yes += self.weights[rows] @ own
            known += self.weights[rows].sum() if there is None else self.weights[rows] @ there
        # Half a yes and half a no, so that no chance is 0 or 1.
        self.overall = (yes + 0.5) / (known + 1)

    def parts(self) -> Iterator[tuple[slice, Array, Array | None]]:
        """Yield (rows, which are yes, which are known, or None for all), so that memory is flat."""
        for begin in range(0, len(self.patterns), _PART):
            rows = slice(begin, begin + _PART)
            part = self.patterns[rows]
            known = None if self.complete else (part != UNKNOWN).astype(float)
            yield rows, (part == 1).astype(float), known

    def scores(self, yes: Array, known: Array | None, classes: Classes) -> Array:
        """Return log(share × chance of the row) by row, trial and class."""
        import numpy

        chances = classes.chances
        none = numpy.log1p(-chances)
        odds = (numpy.log(chances) - none).reshape(-1, chances.shape[-1])
        scores = (yes @ odds.T).reshape(len(yes), *chances.shape[:-1])
        if known is None:
            scores += none.sum(axis=-1)
        else:
            scores += (known @ none.reshape(odds.shape).T).reshape(scores.shape)
        with numpy.errstate(divide="ignore"):
            scores += numpy.log(classes.shares)
        return cast("Array", scores)


def _memberships(scores: Array) -> tuple[Array, Array]:
    """Return (log-likelihood of each row, chance of each class), in place."""
    import numpy

    most = scores.max(axis=-1, keepdims=True)
    scores -= most
    numpy.exp(scores, out=scores)
    total = scores.sum(axis=-1, keepdims=True)
    scores /= total
    return (numpy.log(total) + most)[..., 0], scores


def improve(
    material: Material, start: Classes, *, rounds: int = _LONG, still: float = _STILL
) -> Trials:
    """Run EM from several starts at once until all have come to rest.

    Chances are posterior modes under Beta priors that count as `PRIOR` families with the
    answers of all families; without it small classes would run to chances of 0 and 1.

    Parameters
    ----------
    start : Classes
        Chances of shape (n_trials, n_groups, n_needs).
    """
    import numpy

    classes, before = start, None
    log_likelihood = objective = numpy.zeros(0)
    enough = max(still, _STILL_EACH * material.families)
    for done in range(max(rounds, 1)):
        # The likelihood is that of the classes that this round begins with.
        fitted, log_likelihood = _one_round(material, classes)
        objective = log_likelihood + _log_prior(material, classes)
        at_rest = before is not None and float((objective - before).max()) < enough
        if at_rest or done == rounds - 1:
            break
        before, classes = objective, fitted
    return Trials(classes, log_likelihood, objective)


def _one_round(material: Material, classes: Classes) -> tuple[Classes, Array]:
    """Return the classes of the next round, and the log-likelihood of these."""
    import numpy

    shape = classes.chances.shape
    yes_sum = numpy.zeros((shape[0] * shape[1], shape[2]))
    known_sum = numpy.zeros_like(yes_sum)
    sizes, log_likelihood = numpy.zeros(shape[:2]), numpy.zeros(shape[0])
    for rows, yes, known in material.parts():
        weights = material.weights[rows]
        logs, members = _memberships(material.scores(yes, known, classes))
        log_likelihood += weights @ logs
        members *= weights[:, None, None]
        sizes += members.sum(axis=0)
        flat = members.reshape(len(yes), -1).T
        yes_sum += flat @ yes
        if known is not None:
            known_sum += flat @ known
    known_in = sizes[..., None] if material.complete else known_sum.reshape(shape)
    chances = (yes_sum.reshape(shape) + PRIOR * material.overall) / (known_in + PRIOR)
    return Classes(numpy.clip(chances, _EDGE, 1 - _EDGE), sizes / material.families), log_likelihood


def _log_prior(material: Material, classes: Classes) -> Array:
    import numpy

    overall = material.overall
    logs = overall * numpy.log(classes.chances) + (1 - overall) * numpy.log1p(-classes.chances)
    return cast("Array", PRIOR * logs.sum(axis=(-1, -2)))


def memberships(answers: Answers, classes: Classes) -> tuple[Array, Array]:
    """Return each row's likeliest class (the first of equals) and how likely that is, 0 to 1."""
    import numpy

    material = Material(answers)
    groups = numpy.empty(len(answers.patterns), dtype=numpy.int64)
    certain = numpy.empty(len(answers.patterns))
    for rows, yes, known in material.parts():
        _, members = _memberships(material.scores(yes, known, classes))
        groups[rows], certain[rows] = members.argmax(axis=1), members.max(axis=1)
    return groups, certain


def log_likelihood(answers: Answers, classes: Classes) -> float:
    """Return the log-likelihood of all families."""
    material, total = Material(answers), 0.0
    for rows, yes, known in material.parts():
        logs, _ = _memberships(material.scores(yes, known, classes))
        total += float(material.weights[rows] @ logs)
    return total


# --- starts -------------------------------------------------------------------


def best_of(
    material: Material, starts: Classes, *, kept: int = _KEPT, rounds: int = _LONG
) -> tuple[Classes, float]:
    """Return the best classes, and what grew: short runs from all starts, long ones from some.

    Biernacki, Celeux and Govaert (2003): short runs of EM find where long ones are worth it.
    """
    import numpy

    short = improve(material, starts, rounds=_SHORT)
    chosen = numpy.argsort(-short.objective, kind="stable")[:kept]
    long = improve(material, short.classes.pick(chosen), rounds=rounds)
    best = int(long.objective.argmax())
    return long.classes.pick(best), float(long.objective[best])


def random_starts(
    material: Material, n_groups: int, n_starts: int, generator: numpy.random.Generator
) -> Classes:
    """Return starts half way between the chances over all and the answers of families by lot."""
    import numpy

    odds = material.weights / material.families
    rows = [generator.choice(len(odds), n_groups, replace=False, p=odds) for _ in range(n_starts)]
    chances = numpy.stack([_towards(material, material.patterns[own]) for own in rows])
    return Classes(chances, numpy.full(chances.shape[:2], 1 / n_groups))


def _towards(material: Material, patterns: Array, middle: Array | None = None) -> Array:
    import numpy

    middle = material.overall if middle is None else middle
    return cast(
        "Array", numpy.where(patterns == UNKNOWN, middle, 0.5 * middle + 0.025 + 0.45 * patterns)
    )


def split_starts(
    material: Material, answers: Answers, classes: Classes, generator: numpy.random.Generator
) -> Classes | None:
    """Return starts with a class more: each class of these once split about two of its families."""
    import numpy

    groups, _ = memberships(answers, classes)
    chances, shares = [], []
    for own in range(len(classes.shares)):
        rows = numpy.flatnonzero(groups == own)
        if len(rows) < 2:
            continue
        pair = generator.choice(rows, 2, replace=False)
        halves = _towards(material, answers.patterns[pair], classes.chances[own])
        new = numpy.concatenate([classes.chances, halves[1:]])
        new[own] = halves[0]
        size = numpy.append(classes.shares, classes.shares[own] / 2)
        size[own] /= 2
        chances.append(new)
        shares.append(size)
    return Classes(numpy.stack(chances), numpy.stack(shares)) if chances else None


def merge_starts(classes: Classes, most: int = 10) -> Classes:
    """Return starts with a class less: of these, the pairs most alike each put into one."""
    import numpy

    shares, chances = classes.shares, classes.chances
    pairs = [(a, b) for a in range(len(shares)) for b in range(a)]

    def lost(pair: tuple[int, int]) -> float:
        a, b = pair
        gap = ((chances[a] - chances[b]) ** 2).sum()
        return float(gap * shares[a] * shares[b] / max(shares[a] + shares[b], _EDGE))

    merged = []
    for a, b in sorted(pairs, key=lost)[:most]:
        size = max(shares[a] + shares[b], _EDGE)
        both = numpy.delete(chances, a, axis=0)
        both[b] = (shares[a] * chances[a] + shares[b] * chances[b]) / size
        left = numpy.delete(shares, a)
        left[b] = size
        merged.append((numpy.clip(both, _EDGE, 1 - _EDGE), left))
    return Classes(numpy.stack([own for own, _ in merged]), numpy.stack([s for _, s in merged]))


def joined(*starts: Classes | None) -> Classes:
    """Return several lots of starts as one."""
    import numpy

    there = [own for own in starts if own is not None]
    return Classes(
        numpy.concatenate([own.chances for own in there]),
        numpy.concatenate([own.shares for own in there]),
    )
