"""The whole HTTP surface."""

urlpatterns: list = []  # type: ignore[type-arg]
