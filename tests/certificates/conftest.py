from tests.support.evidence import expiring

__all__ = ["expiring"]
