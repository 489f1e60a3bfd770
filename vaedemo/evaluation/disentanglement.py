"""How well single latents stand for single factors of variation: MIG, the FactorVAE score, and DCI.

Definitions and default numbers are those of disentanglement_lib (Locatello et al. 2019), so that scores compare with
its published ones. Codes are posterior means (N, Z); factors are integers (N, F), one column a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaedemo.latents import check_pairs, entropies, mutual_information

VOTES_AT_ONCE = 256  # times 64 pictures: some 16,000 codes a call, enough to keep an encoder busy


def mig(codes: NDArray, factors: NDArray) -> float:
    """Mutual information gap (Chen et al. 2018): the best code's lead over the second, in parts of a factor's entropy.

    The mean over factors; codes (N, Z), factors (N, F). A perfect code reaches 1 only where no factor has more values
    than a histogram has bins (20). ValueError if there is only one code, or if a factor never varies.
    """
    if codes.ndim == 2 and codes.shape[1] < 2:
        raise ValueError(f"a gap needs two codes or more, got {codes.shape[1]}")
    information = np.sort(mutual_information(codes, factors), axis=0)  # (Z, F)
    entropy = entropies(factors)
    if not entropy.all():
        raise ValueError(f"factor {int(entropy.argmin())} has one value only: it has no entropy to share out")
    return float(((information[-1] - information[-2]) / entropy).mean())


def factor_score(
    represent: Callable[[NDArray[np.int64]], NDArray],
    sizes: Sequence[int],
    random: np.random.Generator,
    *,
    batch: int = 64,
    train_votes: int = 10_000,
    eval_votes: int = 5_000,
    variance_points: int = 10_000,
    prune: float = 0.05,
) -> float:
    """The FactorVAE score (Kim & Mnih 2018): how often the steadiest code tells which factor was held fixed, 1/F to 1.

    `represent` gives the codes (n, Z) of factor combinations (n, F), each column uniform below its entry in `sizes`. It
    is asked for (train_votes + eval_votes) * batch codes, close to a million: where all combinations can be encoded
    beforehand, let it look them up in a table; otherwise ask for fewer votes.

    A vote is the code of the least variance over a batch in which one factor is fixed, each code's variance in parts of
    its global one. A majority vote from codes to factors is learned on train_votes; the answer is its accuracy on
    eval_votes. Codes whose global standard deviation is below `prune` don't take part (the text of Locatello et al.
    2019 speaks of variance, the code behind its scores compares the deviation); if none is left the score is 0.
    """
    variance = np.var(represent(random.integers(sizes, size=(variance_points, len(sizes)))), axis=0, ddof=1)
    active = np.sqrt(variance) >= prune
    if not active.any():
        return 0.0

    def votes(count: int) -> NDArray[np.int64]:
        """How often each code won while each factor was fixed, (F, active codes)."""
        table = np.zeros((len(sizes), int(active.sum())), dtype=np.int64)
        for start in range(0, count, VOTES_AT_ONCE):
            n = min(VOTES_AT_ONCE, count - start)
            fixed = random.integers(len(sizes), size=n)
            factors = random.integers(sizes, size=(n, batch, len(sizes)))
            factors[np.arange(n), :, fixed] = factors[np.arange(n), 0, fixed][:, None]
            codes = np.asarray(represent(factors.reshape(n * batch, -1)), dtype=np.float64)[:, active]
            spread = codes.reshape(n, batch, -1).var(1, ddof=1) / variance[active]
            np.add.at(table, (fixed, spread.argmin(1)), 1)
        return table

    classifier = votes(train_votes).argmax(0)  # (active codes,): the factor that each stands for
    evaluation = votes(eval_votes)
    return float(evaluation[classifier, np.arange(len(classifier))].sum() / eval_votes)


class DCI(NamedTuple):
    disentanglement: float  # 1: each code matters to one factor only
    completeness: float  # 1: each factor is told by one code only
    informativeness_test: float  # accuracy of the predicted factors, mean over factors
    importance: NDArray[np.float64]  # (Z, F), each column sums to 1, or to 0 where no code helps


def dci(train_codes: NDArray, train_factors: NDArray, test_codes: NDArray, test_factors: NDArray, jobs: int = 1) -> DCI:
    """Disentanglement, completeness and informativeness (Eastwood & Williams 2018), from gradient-boosted trees.

    Codes (N, Z), integer factors (N, F), Z and F at least 2; Locatello et al. 2019 train on 10,000 points and test on
    5,000. One classifier a factor says how important each code is to it. With 30 and more values a factor this takes
    minutes; `jobs` factors are worked on at once, which changes no figure.
    ImportError without scikit-learn; ValueError if shapes don't match, or if a factor has one value only.
    """
    try:
        import joblib
        import sklearn.ensemble  # noqa: F401
    except ImportError as error:
        raise ImportError("DCI needs scikit-learn, which the extra `train` has: pip install -e '.[train]'") from error
    check_pairs(train_codes, train_factors)
    check_pairs(test_codes, test_factors)
    if min(train_codes.shape[1], train_factors.shape[1]) < 2:
        raise ValueError(f"DCI needs two codes and two factors or more, got {train_codes.shape}, {train_factors.shape}")
    columns = zip(train_factors.T, test_factors.T, strict=True)
    work = [joblib.delayed(_boosted_trees)(train_codes, y, test_codes, y_test) for y, y_test in columns]
    # Growing trees lets go of Python's lock, so threads serve; each process would import torch again.
    importance, accuracy = zip(*joblib.Parallel(n_jobs=jobs, prefer="threads")(work), strict=True)
    matrix = np.stack(importance, axis=1)
    return DCI(_one_sidedness(matrix), _one_sidedness(matrix.T), float(np.mean(accuracy)), matrix)


def _boosted_trees(x: NDArray, y: NDArray, x_test: NDArray, y_test: NDArray) -> tuple[NDArray[np.float64], float]:
    """The importance of each code for one factor, (Z,), and the accuracy on test."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = GradientBoostingClassifier(random_state=0).fit(x, y)  # the seed only breaks ties between equal splits
    return np.abs(model.feature_importances_), float(np.mean(model.predict(x_test) == y_test))


def _one_sidedness(importance: NDArray[np.float64]) -> float:
    """1 - the entropy of each row, in units of its maximum; the mean over rows, weighed by their importance."""
    p = importance + 1e-11  # a row of zeros is uniform, so worth nothing
    p = p / p.sum(1, keepdims=True)
    per_row = 1 + (p * np.log(p)).sum(1) / np.log(p.shape[1])
    total = importance.sum()
    weights = importance.sum(1) / total if total > 0 else np.full(len(p), 1 / len(p))
    return float((per_row * weights).sum())
