"""The axes along which windows move: their names, and the place in the input that an offset of a window meets."""

from dataclasses import dataclass

DIMENSIONS = {"1d": ("w",), "2d": ("h", "w"), "3d": ("d", "h", "w")}


@dataclass(frozen=True)
class Windows:
    """Windows along some axes: ``n`` entries, kernel ``k``, stride ``s``, padding ``p``, ``m`` windows along each."""

    axes: tuple[str, ...]

    def each(self, pattern: str, joint: str = ", ") -> str:
        """The pattern for each axis, ``@`` standing for its name."""
        return joint.join(pattern.replace("@", a) for a in self.axes)

    @property
    def let(self) -> dict[str, str]:
        """``u(o, q)``: where offset ``q`` of window ``o`` lies in the input."""
        return {f"u_{a}(o, q)": f"s_{a} * o + q - p_{a}" for a in self.axes}

    @property
    def met(self) -> str:
        """The place that offset ``q`` of window ``i`` meets."""
        return self.each("u_@(i_@, q_@)")

    @property
    def offsets(self) -> str:
        """All offsets of a window."""
        return self.each("for q_@ in range(k_@)", " ")

    @property
    def windows(self) -> str:
        """All windows."""
        return self.each("for i_@ in range(m_@)", " ")

    def inside(self, size: str = "n") -> str:
        """That the place lies within the input."""
        return self.each(f"0 <= u_@(i_@, q_@) < {size}_@", " and ")

    @property
    def hits(self) -> str:
        """1 where the place is ``j``, else 0."""
        return self.each("(u_@(i_@, q_@) == j_@)", " * ")

    @property
    def strides(self) -> str:
        """The positive integers beside the sizes."""
        return self.each("s_@", " ")

    @property
    def paddings(self) -> str:
        """The integers."""
        return self.each("p_@", " ")
