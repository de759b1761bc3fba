"""Writes the Parquet goldens beside this file, and the texts that are in all of them. Made with pyarrow 26.0.1.

What DuckDB does not write: DELTA_BYTE_ARRAY, data pages of version 2, columns without missing values, many pages in a row group.
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent


def text_of(row):
    if row % 7 == 3:
        return None
    if row % 11 == 5:
        return ""
    if row == 20:
        return "A long one, é and 😀. " * 200
    return f"Text {row} of {row % 5}: Ω"


texts = [text_of(row) for row in range(60)]
(HERE / "texts.json").write_text(json.dumps(texts, ensure_ascii=False, indent=1) + "\n")

PLAIN = {"use_dictionary": False}
WAYS = {
    "dictionary-1-snappy": {},
    "dictionary-2-zstd": {"compression": "zstd", "data_page_version": "2.0"},
    "plain-1-lz4": {**PLAIN, "compression": "lz4"},
    "plain-2-brotli": {**PLAIN, "compression": "brotli", "data_page_version": "2.0"},
    "plain-2-none": {**PLAIN, "compression": "none", "data_page_version": "2.0"},
    "delta-length-1-gzip": {**PLAIN, "compression": "gzip", "column_encoding": {"text": "DELTA_LENGTH_BYTE_ARRAY"}},
    "delta-bytes-1-snappy": {**PLAIN, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
    "delta-bytes-2-snappy": {**PLAIN, "data_page_version": "2.0", "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
}
SMALL = {"row_group_size": 40, "data_page_size": 128, "write_batch_size": 8, "store_schema": False}


def write(name, texts, is_nullable, way):
    schema = pa.schema([pa.field("text", pa.string(), nullable=is_nullable)])
    pq.write_table(pa.table({"text": texts}, schema=schema), HERE / f"{name}.parquet", **SMALL, **way)


for name, way in WAYS.items():
    write(name, texts, True, way)
write("required-2-snappy", [text or "" for text in texts], False, {**PLAIN, "data_page_version": "2.0"})
