"""How hypothesis behaves: a busy machine makes no test fail."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
