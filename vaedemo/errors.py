"""Every error that vaedemo raises on purpose, in one tree: `except VaedemoError` catches them all.

Each also keeps the built-in base that says what kind it is (ValueError, LookupError, FileNotFoundError ...). Messages
are sentences for the person who can mend what is wrong. Free of torch.
"""

from __future__ import annotations


class VaedemoError(Exception):
    """The base of all errors here."""


class UnknownModel(VaedemoError, ValueError):
    """No recipe has this name."""


class Unavailable(VaedemoError, LookupError):
    """No source has the model; `notes` says why each was refused."""

    def __init__(self, name: str, notes: tuple[str, ...]) -> None:
        super().__init__("\n".join((f"no source has the model {name!r}:", *notes)))
        self.name, self.notes = name, notes


class Misfit(VaedemoError, ValueError):
    """The tensors of a file do not fit the recipe's net."""


class NoFolder(VaedemoError, OSError):
    """There is no folder that can be written; the message names the environment variable that sets one."""


class NotAFolder(VaedemoError, OSError):
    """A folder cannot be written to as it is; the message says why."""


class DataMissing(VaedemoError, FileNotFoundError):
    """The real data are not here; the message says where they come from and where to put them."""


class PackageMissing(VaedemoError, ImportError):
    """A package that this needs is not installed; the message says which, and how to install it."""


class Diverged(VaedemoError, ArithmeticError):
    """The training objective is no longer a number; the last checkpoint is still the good one before."""


class DownloadFailed(VaedemoError):
    """Nothing was downloaded; the message says why. `everything`: whether other models would fare the same."""

    def __init__(self, reason: str, everything: bool) -> None:
        super().__init__(reason)
        self.everything = everything


class HubError(VaedemoError, RuntimeError):
    """Nothing was published; the message says why and what to do."""


class ChainError(VaedemoError, ValueError):
    """A decoder, or the description of one, that the browser cannot run; the message names the layer and says why."""


class Refused(VaedemoError, ValueError):
    """What a person or program asked for is out of range; the message names the argument and its range."""


class BadPicture(VaedemoError, ValueError):
    """A file holds no picture that can be used; the message is one sentence for the person who sent it."""
