"""A measured number, its target, and whether it is met."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """One result; without `target` it is only for information. `at_least` says on which side the target lies."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    remark: str = ""

    @property
    def is_met(self) -> bool | None:
        """Return whether the target is met, None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_json(self) -> dict[str, object]:
        """Return what `bench-results/` keeps."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "target": self.target and f"{'≥' if self.at_least else '≤'} {self.target:g}",
            "met": self.is_met,
            "remark": self.remark,
        }

    def as_row(self) -> str:
        """Return a line of the table."""
        mark = {None: "  ", True: "ok", False: "NO"}[self.is_met]
        target = "" if self.target is None else f"{'≥' if self.at_least else '≤'} {self.target:g}"
        return f"{mark}  {self.name:<62} {self.value:>10.3f} {self.unit:<12} {target:<8} {self.remark}"
