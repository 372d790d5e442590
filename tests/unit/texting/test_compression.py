"""Long answers are compressed for who takes gzip, and come out as they went in."""

import gzip

import pytest

from texting.answer import Answer
from texting.compression import IN_LINE_BYTES, LEAST_BYTES, compress, takes_gzip


@pytest.mark.parametrize("accept", ["gzip", "gzip, deflate", "br;q=1, GZIP;q=0.5", "*", "deflate, * ; q=0.1"])
def test_gzip_is_taken(accept):
    assert takes_gzip(accept)


@pytest.mark.parametrize("accept", [None, "", "identity", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "gzip;q=x"])
def test_gzip_is_not_taken(accept):
    assert not takes_gzip(accept)


def answer(size):
    return Answer(b"x" * size, 200, b"application/json")


@pytest.mark.parametrize("size", [LEAST_BYTES, IN_LINE_BYTES, IN_LINE_BYTES + 1])
async def test_a_long_answer_is_compressed_and_says_so(size):
    response = answer(size)
    await compress(response, "gzip")
    headers = dict(response.raw_headers)
    assert gzip.decompress(response.body) == b"x" * size
    assert headers[b"content-length"] == str(len(response.body)).encode()
    assert (headers[b"content-encoding"], headers[b"vary"]) == (b"gzip", b"Accept-Encoding")


@pytest.mark.parametrize(("size", "accept"), [(LEAST_BYTES - 1, "gzip"), (LEAST_BYTES, None)])
async def test_a_short_answer_and_one_for_somebody_else_are_left_alone(size, accept):
    response = answer(size)
    before = list(response.raw_headers)
    await compress(response, accept)
    assert (len(response.body), response.raw_headers) == (size, before)
