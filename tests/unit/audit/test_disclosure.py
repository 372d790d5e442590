from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from audit.disclosure import digest_of, disclose, marked

SUBJECT = UUID(int=7)


def test_the_digest_is_that_of_rfc_9901() -> None:
    salt = bytes(range(16))
    text = base64.urlsafe_b64encode(b'["AAECAwQFBgcICQoLDA0ODw","/actor/user/name","Ada"]').rstrip(b"=")
    assert digest_of(salt, "/actor/user/name", "Ada") == hashlib.sha256(text).digest()


def test_the_same_value_twice_has_two_digests() -> None:
    assert disclose("/a", "x", SUBJECT).digest != disclose("/a", "x", SUBJECT).digest


def test_markers_are_found_with_the_pointers_of_their_places() -> None:
    entry = {"_sd": ["d0", "d1"], "data": {"a/b": {"_sd": 1}, "list": [0, {"_sd": 0}]}, "other": {"_sd_alg": "x"}}
    found = marked(entry)
    assert [(each.name, each.at) for each in found] == [("/data/a~1b", 1), ("/data/list/1", 0)]
    assert [each.holder[each.key] for each in found] == [{"_sd": 1}, {"_sd": 0}]
