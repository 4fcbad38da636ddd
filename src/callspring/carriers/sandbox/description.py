"""The sandbox as people see it: a part of the installation, which nobody has to connect."""

from __future__ import annotations

from callspring.carriers.description import Description

description = Description(title="Sandbox carrier")
