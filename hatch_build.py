"""Build hook: the wheel carries compiled translations and the page templates."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundlinjeBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compile the catalogue, and put ``templates/`` inside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add what is not plain source to the build.

        Parameters
        ----------
        version : str
            "standard", or "editable" for a checkout that is used where it lies.
        build_data : dict
            Hatchling's own; changed in place.
        """
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        compiled = _compile_catalogue(root)
        if version == "editable":
            return  # the checkout itself is used, with its templates beside the package
        build_data["artifacts"].append(compiled.relative_to(root).as_posix())
        build_data["force_include"][str(root / "templates")] = "planner/templates"


def _compile_catalogue(root: Path) -> Path:
    """Run `planner.catalogue` from its file: the package's dependencies may not be here."""
    spec = spec_from_file_location("bundlinje_catalogue", root / "planner" / "catalogue.py")
    if spec is None or spec.loader is None:
        message = "planner/catalogue.py cannot be read"
        raise RuntimeError(message)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    compiled: Path = module.compile_catalogue(root / "planner" / "translations")
    return compiled
