"""Random-effects models of three classic data sets."""

from typing import Any

from analysis.mixed_fit import MixedFit, RandomEffects
from analysis.mixed_models import fit_crossed, fit_random_intercept, fit_random_slope
from tests.reference.answers import answers
from tests.reference.cases import Case

CASE = "mixed-models-classics"


def _dyestuff(case: Case, method: str = "reml") -> MixedFit:
    file = "dyestuff.csv"
    return fit_random_intercept(
        case.column("Yield", file), case.words("Batch", file), method=method
    )


def _penicillin(case: Case) -> MixedFit:
    file = "penicillin.csv"
    plate, sample = case.words("plate", file), case.words("sample", file)
    return fit_crossed(case.column("diameter", file), plate, sample)


def _components(fit: MixedFit, *factors: str) -> dict[str, Any]:
    variances = [one.covariance[0, 0] for one in fit.effects]
    return {
        "fixed": {"(Intercept)": fit.value[0]},
        "se": {"(Intercept)": fit.std_error[0]},
        "variance": dict(zip(factors, variances, strict=True)) | {"Residual": fit.residual},
        "reml_criterion_or_deviance": fit.criterion,
    }


def _levels(effects: RandomEffects) -> dict[str, Any]:
    return {
        level: {"effect": effect, "posterior_sd": deviation}
        for level, effect, deviation in zip(
            effects.levels, effects.effect[:, 0], effects.posterior_sd[:, 0], strict=True
        )
    }


@answers(CASE, "dyestuff-reml")
def dyestuff(case: Case) -> Any:
    return _components(_dyestuff(case), "Batch")


@answers(CASE, "dyestuff-ml")
def dyestuff_by_maximum_likelihood(case: Case) -> Any:
    return _components(_dyestuff(case, "ml"), "Batch")


@answers(CASE, "dyestuff-effects")
def batches(case: Case) -> Any:
    return _levels(_dyestuff(case).effects[0])


@answers(CASE, "penicillin-reml")
def penicillin(case: Case) -> Any:
    return _components(_penicillin(case), "plate", "sample")


@answers(CASE, "penicillin-plate-effects")
def plates(case: Case) -> Any:
    return _levels(_penicillin(case).effects[0])


@answers(CASE, "penicillin-sample-effects")
def samples(case: Case) -> Any:
    return _levels(_penicillin(case).effects[1])


@answers(CASE, "sleepstudy-reml")
def sleepstudy(case: Case) -> Any:
    columns = [case.column(name, "sleepstudy.csv") for name in ("Reaction", "Days")]
    fit = fit_random_slope(*columns, case.words("Subject", "sleepstudy.csv"))
    names = ("(Intercept)", "Days")
    (effects,) = fit.effects
    return {
        "fixed": dict(zip(names, fit.value, strict=True)),
        "se": dict(zip(names, fit.std_error, strict=True)),
        "var_intercept": effects.covariance[0, 0],
        "var_days": effects.covariance[1, 1],
        "cov": effects.covariance[0, 1],
        "residual": fit.residual,
        "reml_criterion": fit.criterion,
    }
