"""The config's tables in the database."""

from pocketapi.tables.table import model_of
from tests.conftest import UseConfig


def test_a_row_goes_in_and_comes_out(use_config: UseConfig) -> None:
    use_config("tables: [{name: notes, fields: [{name: id, type: text, primary: true}, {name: title, type: text}]}]")
    notes = model_of("notes")
    notes.objects.create(id="a", title="Grüße")
    assert list(notes.objects.values_list("id", "title")) == [("a", "Grüße")]
