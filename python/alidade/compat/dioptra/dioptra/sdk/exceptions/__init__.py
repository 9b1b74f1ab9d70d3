"""The errors that plugins catch or raise."""

from __future__ import annotations

__all__ = [
    "ARTDependencyError",
    "BaseGenericsRegistryError",
    "BaseOptionalDependencyError",
    "BasePyPlugsError",
    "BaseTaskEngineError",
    "CryptographyDependencyError",
    "EstimatorPredictGenericPredTypeError",
    "TensorflowDependencyError",
    "UnknownPackageError",
    "UnknownPluginError",
    "UnknownPluginFunctionError",
]


class BasePyPlugsError(Exception):
    """Base of the errors of plugin look-up."""


class UnknownPackageError(BasePyPlugsError):
    """No package of this name can be imported."""


class UnknownPluginError(BasePyPlugsError):
    """The package has no such module, or nothing is registered in it."""


class UnknownPluginFunctionError(BasePyPlugsError):
    """The module registers no such function."""


class BaseOptionalDependencyError(ImportError):
    """Base of the errors about libraries that a plugin needs and the environment lacks."""


class ARTDependencyError(BaseOptionalDependencyError):
    """The Adversarial Robustness Toolbox is missing."""


class CryptographyDependencyError(BaseOptionalDependencyError):
    """The package cryptography is missing."""


class TensorflowDependencyError(BaseOptionalDependencyError):
    """TensorFlow is missing."""


class BaseTaskEngineError(Exception):
    """Base of the errors of a run of the task graph."""


class BaseGenericsRegistryError(Exception):
    """Base of the errors of functions that differ by the kind of estimator."""


class EstimatorPredictGenericPredTypeError(BaseGenericsRegistryError):
    """An estimator is asked for a kind of prediction that it does not know."""
