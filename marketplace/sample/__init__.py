"""The labelled sample that makes the product bookable: invented operators, rooms and prices."""

from marketplace.sample.horizon import HORIZON_DAYS, extend_horizon
from marketplace.sample.life import load_life
from marketplace.sample.loading import load_sample
from marketplace.sample.scaled import make_scaled

__all__ = ["HORIZON_DAYS", "extend_horizon", "load_life", "load_sample", "make_scaled"]
