"""What PostgreSQL needs to find the words that FTS5 finds: functions of the database, made with its first search index.

Its own parser parts words as the locale has it, and its vectors forget where words stand in long texts, so neither is asked.
"""

from __future__ import annotations

from pocketapi.expressions.letters import MARKS, folds, members, parting
from pocketapi.expressions.search import LONGEST

MOST = 1_000_000  # bytes of words in a vector; PostgreSQL takes 1,048,575 of words and places
PLACED = 400_000  # bytes of words whose places fit in, too
DICTIONARY = "pocket_porter"

# Snowball's porter is the algorithm as published. FTS5's follows its author's revision: -bli and -logi are endings.
REVISED = (
    ("bl", r"\1e"),
    ("log", r"\1"),
)
ENDING = r"(?<= )((?:[^ ]+y|[^ ]*[aeiou])[^aeiouy ][^ ]*{0})(?:y|i|is|ies|ied|ying|yed)(?= )"

FOLD = """
  IF octet_length(folded) > length(folded) THEN
    SELECT coalesce(string_agg(letter, ''), ''), coalesce(string_agg(substr('{plain}', strpos('{letters}', letter), 1), ''), '')
      INTO written, plain
      FROM (SELECT DISTINCT letter FROM unnest(string_to_array(
        regexp_replace(folded, '[\\u0001-\\u007f]+', '', 'g'), NULL)) AS letters (letter) OFFSET 0) AS found
      WHERE strpos('{letters}' COLLATE "C", letter COLLATE "C") > 0;
    folded := translate(folded, written || '{gone}', plain);
  END IF;"""

TEXT = """
CREATE OR REPLACE FUNCTION pocket_text(value text, tokenize text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $body$
DECLARE
  folded text := lower(coalesce(value, '') COLLATE "C");
  written text; plain text;
BEGIN
  IF tokenize = 'ascii' OR (tokenize <> 'porter' AND tokenize <> 'trigram' AND octet_length(folded) = length(folded)) THEN
    RETURN ' ' || btrim(regexp_replace(folded, '[{ascii}]+', ' ', 'g')) || ' ';
  END IF;
  IF tokenize = 'trigram' THEN{fold_case}
    RETURN folded;
  END IF;{fold}
  folded := ' ' || btrim(regexp_replace(folded, '[{parting}]+', ' ', 'g')) || ' ';
  IF tokenize = 'porter' THEN{revised}
    SELECT ' ' || coalesce(string_agg(CASE WHEN octet_length(word) BETWEEN 3 AND 64
        THEN coalesce((ts_lexize('{dictionary}', word))[1], word) ELSE word END, ' ' ORDER BY place), '') || ' '
      INTO folded FROM unnest(string_to_array(btrim(folded), ' ')) WITH ORDINALITY AS parts (word, place);
  END IF;
  RETURN folded;
END $body$"""

VECTOR = """
CREATE OR REPLACE FUNCTION pocket_vector(marks text[], texts text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $body$
BEGIN
  IF octet_length(array_to_string(texts, '')) > {placed} THEN
    RETURN (SELECT array_to_tsvector(coalesce(array_agg(word), ARRAY[]::text[])) FROM (
      SELECT word, sum(octet_length(word)) OVER (ORDER BY place, word) AS bytes FROM (
        SELECT mark || left(word, {longest}) AS word, min(place) AS place FROM unnest(marks, texts) AS given (mark, line),
          unnest(string_to_array(btrim(line), ' ')) WITH ORDINALITY AS parts (word, place) GROUP BY 1) each) measured
      WHERE bytes < {most});
  END IF;
  RETURN (SELECT coalesce(string_agg('''' || mark || left(word, {longest}) || ''':' || place, ' '), '')::tsvector
    FROM unnest(marks, texts) AS given (mark, line),
      unnest(string_to_array(btrim(line), ' ')) WITH ORDINALITY AS parts (word, place));
END $body$"""

QUERY = """
CREATE OR REPLACE FUNCTION pocket_query(wanted text, marks text[], tokenize text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $body$
DECLARE
  choice jsonb; term jsonb; words text[]; piece tsquery; whole tsquery; found tsquery;
BEGIN
  FOR choice IN SELECT jsonb_array_elements(wanted::jsonb) LOOP
    whole := NULL;
    FOR term IN SELECT jsonb_array_elements(choice) LOOP
      words := string_to_array(btrim(pocket_text(term->>1, tokenize)), ' ');
      CONTINUE WHEN term->>0 = '-' AND (cardinality(words) > 1 OR length(words[1]) > {longest});
      SELECT string_agg('(' || (
          SELECT string_agg('''' || mark || left(word, {longest}) || '''' ||
            CASE WHEN (term->>2)::boolean AND place = cardinality(words) THEN ':*' ELSE '' END, ' & ')
          FROM unnest(words) WITH ORDINALITY AS parts (word, place)) || ')', ' | ')::tsquery
        INTO piece FROM unnest(marks) AS given (mark);
      piece := CASE WHEN term->>0 = '-' THEN !!piece ELSE piece END;
      whole := CASE WHEN whole IS NULL THEN piece ELSE whole && piece END;
    END LOOP;
    found := CASE WHEN found IS NULL THEN whole ELSE found || whole END;
  END LOOP;
  RETURN coalesce(found, ''::tsquery);
END $body$"""

HOLDS = """
CREATE OR REPLACE FUNCTION pocket_holds(given text, wanted text, tokenize text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 SET search_path FROM CURRENT AS $body$
BEGIN
  RETURN EXISTS (SELECT FROM jsonb_array_elements(wanted::jsonb) AS choices (choice) WHERE NOT EXISTS (
    SELECT FROM jsonb_array_elements(choice) AS terms (term) CROSS JOIN LATERAL (
      SELECT pocket_text(term->>1, tokenize) AS words) AS texts CROSS JOIN LATERAL (
      SELECT CASE WHEN tokenize <> 'trigram' AND (term->>2)::boolean THEN rtrim(words) ELSE words END AS piece) AS pieces
    WHERE (strpos(given COLLATE "C", piece COLLATE "C") = 0) = (term->>0 = '+')));
END $body$"""

DICTIONARIES = f"""
DO $body$ BEGIN
  CREATE TEXT SEARCH DICTIONARY {DICTIONARY} (TEMPLATE = snowball, LANGUAGE = porter);
EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
END $body$"""

DROP = f"""
DO $body$ BEGIN
  DROP FUNCTION IF EXISTS pocket_vector(text[], text[]);
  DROP FUNCTION IF EXISTS pocket_text(text, text);
  DROP FUNCTION IF EXISTS pocket_query(text, text[], text);
  DROP FUNCTION IF EXISTS pocket_holds(text, text, text);
  DROP TEXT SEARCH DICTIONARY IF EXISTS {DICTIONARY};
EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
END $body$"""  # another search needs them: nothing is dropped


def create() -> str:
    """The statements that make the functions, or bring them to what they are today."""
    numbers = {"longest": LONGEST, "most": MOST, "placed": PLACED}
    return ";".join((DICTIONARIES, _text(), *(each.format_map(numbers) for each in (VECTOR, QUERY, HOLDS))))


def _text() -> str:
    revised = "".join(
        f"\n    folded := regexp_replace(folded, '{ENDING.format(ending)}', '{stem}', 'g');" for ending, stem in REVISED
    )
    return TEXT.format(
        ascii=parting("ascii"),
        parting=parting("unicode61"),
        fold=_fold(folds(accents=True), members(MARKS)),
        fold_case=_fold(folds(accents=False), ""),
        revised=revised,
        dictionary=DICTIONARY,
    )


def _fold(pairs: dict[str, str], gone: str) -> str:
    return FOLD.format(letters="".join(pairs), plain="".join(pairs.values()), gone=gone)
