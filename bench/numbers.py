"""A measured number and its target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A result. Without `target` it is for information; `at_least` makes the target a minimum."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    remark: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def target_text(self) -> str:
        return "" if self.target is None else f"{'≥' if self.at_least else '≤'} {self.target:g}"

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "target": self.target_text or None,
            "met": self.is_met,
            "remark": self.remark,
        }

    def as_row(self) -> str:
        mark = {None: "  ", True: "ok", False: "NO"}[self.is_met]
        return f"{mark}  {self.name:<62} {self.value:>10.3f} {self.unit:<12} {self.target_text:<8} {self.remark}"
