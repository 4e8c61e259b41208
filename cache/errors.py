"""Everything that can go wrong, as one tree.

StepscopeError
├── InvalidInput (ValueError)     what was asked for is out of bounds
│   └── ChangedMeanwhile          somebody else changed what was to be changed
├── NotAllowed                    a person's role does not let them do it
├── StoreError
│   ├── StoreUnavailable          the folder cannot be opened, read or written
│   ├── StoreFull                 no room is left on the disk
│   ├── MissingFromStore          no entry under that key
│   └── PayloadError
│       ├── PayloadDamaged        the bytes are not what was stored
│       ├── PayloadTooLarge       a payload's header is over the bound
│       ├── MadeLater             a later version wrote it; this one can only keep it
│       └── PickleRefused         something asked to be unpickled
├── CapsuleError
│   └── CapsuleRefused            an archive that is not safe or not whole
├── ModelError
│   ├── ModelMissing              not on this machine
│   │   └── ModelReplaced         a built-in model that a run was made with, and is another now
│   └── ModelDamaged              its files are not what they should be
├── ComputationError
│   ├── NonFiniteLatents          a step produced nan or inf
│   ├── NonFiniteLogits           a text model said nan or inf
│   └── Cancelled                 somebody asked for the work to stop
├── RenderError                   a figure could not be drawn as a picture
│   └── BrowserMissing            no browser is here to draw it
└── JobError                      a job could not be submitted or finished
"""

from __future__ import annotations

from pathlib import Path


class StepscopeError(Exception):
    """The root: every error that is Stepscope's own."""


class InvalidInput(StepscopeError, ValueError):
    """A value out of its bounds; the message names the field, the bound and the value."""


class ChangedMeanwhile(InvalidInput):
    """What was to be changed is no longer what the person who changes it was shown."""


class NotAllowed(StepscopeError):
    """What the role of who asks does not let them do; nothing was changed."""


class StoreError(StepscopeError):
    """The store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store's folder cannot be opened, read or written; the message names it."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the store in {folder} cannot be used: {reason}")
        self.folder = folder


class StoreFull(StoreError):
    """No room is left for an entry; nothing that was stored is lost."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the store in {folder} is full: {reason}")
        self.folder = folder


class MissingFromStore(StoreError):
    """No entry under a key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is not in this store")
        self.key = key


class PayloadError(StoreError):
    """A stored value that will not be used."""


class PayloadDamaged(PayloadError):
    """The bytes under a key are not the bytes that were stored."""

    def __init__(self, key: str, reason: str = "its checksum does not match") -> None:
        super().__init__(f"{key} is damaged: {reason}")
        self.key = key
        self.reason = reason


class PayloadTooLarge(PayloadError):
    """A payload's header is over the bound."""


class MadeLater(PayloadError):
    """An entry that a later version of Stepscope wrote, which this one can keep but not read."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} was made by a later version of Stepscope: {reason}")
        self.key = key


class PickleRefused(PayloadError):
    """A key or value that would have to be unpickled; it was not."""


class CapsuleError(StepscopeError):
    """A capsule could not be written or read."""


class CapsuleRefused(CapsuleError):
    """An archive that is not safe or not whole; nothing of it was imported."""

    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(f"the capsule was refused, nothing of it was imported: {entry}: {reason}")
        self.entry = entry
        self.reason = f"{entry}: {reason}"


class ModelError(StepscopeError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """A model is not on this machine; the message says how to get it."""


class ModelReplaced(ModelMissing):
    """A run's built-in model has other weights by now; the message says where the old ones are."""


class ModelDamaged(ModelError):
    """A model's files are not what its manifest says, or will not load."""


class ComputationError(StepscopeError):
    """A computation stopped; the steps before it are stored."""


class NonFiniteLatents(ComputationError):
    """A step produced nan or inf; it was not stored."""


class NonFiniteLogits(ComputationError):
    """A text model said nan or inf of a masked position; its step was not stored."""


class Cancelled(ComputationError):
    """Somebody asked for the work to stop."""


class RenderError(StepscopeError):
    """A figure could not be drawn as a picture."""


class BrowserMissing(RenderError):
    """No browser is on this machine that could draw figures as pictures."""


class JobError(StepscopeError):
    """A job could not be submitted or finished."""
