"""Operations of the clients' manifest, named by id instead of sent as text: and, where they are trusted, no others.

Ids come as `documentId` (GraphQL over HTTP, appendix on persisted documents), as Relay's `doc_id` or `id`, or as
Apollo's `extensions.persistedQuery.sha256Hash`. Nothing is registered by asking: the manifest says what an id means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphql import GraphQLError

from texting.documents import Document, Documents
from texting.request_body import GraphQLRequest
from texting.request_failure import FailureCode, RequestFailure
from texting.settings import NOTHING_TO_TRUST
from texting.startup_error import StartupError

_HASH = re.compile(r"[0-9a-f]{64}")
_SHOWN = 100
_APOLLO_NOT_FOUND = "PersistedQueryNotFound"
"""The words by which Apollo's and urql's clients know that they are to send the text."""

_NOT_TRUSTED = (
    "only operations of the clients' manifest are executed here (TEXTING_TRUSTED_DOCUMENTS): "
    "send the id of one in `documentId`"
)


class KnownOperations:
    """Chooses the document that a request names or brings."""

    def __init__(self, documents: Documents, texts: Mapping[str, str] | None = None, *, alone: bool = False) -> None:
        """Read the manifest's documents by id. `alone`: whether no other document is executed.

        Raises:
            StartupError: the schema refuses one, or they are to be alone and there are none.
        """
        if alone and not texts:
            raise StartupError(NOTHING_TO_TRUST)
        self._documents = documents
        self._texts = dict(texts or {})
        self._alone = alone
        documents.know(self._texts)
        # The appendix writes the hash of a text as `sha256:…`, compilers as it is.
        self._texts |= {f"sha256:{id}": text for id, text in self._texts.items() if _HASH.fullmatch(id)}

    def document(self, asked: GraphQLRequest) -> Document:
        """Give the document to execute, or one with the error that there is none.

        Raises:
            RequestFailure: an id and another text were sent together.
        """
        text = asked.query
        if asked.document_id is not None:
            known = self._texts.get(asked.document_id)
            if known is None and not text:
                return self._not_found(asked.document_id, by_hash=asked.is_by_hash)
            if known is not None and text and text != known:
                message = f"the id `{asked.document_id[:_SHOWN]}` is of another document than `query`: send one of them"
                raise RequestFailure(400, FailureCode.BAD_REQUEST, message)
            text = text or known or ""
        if self._alone and not self._documents.knows(text):
            return _refused(_NOT_TRUSTED, FailureCode.DOCUMENT_NOT_TRUSTED)
        return self._documents.read(text)

    def _not_found(self, id: str, *, by_hash: bool) -> Document:
        # A text that is in no manifest would be refused as well where none but the manifest's are executed.
        otherwise = "deploy its manifest" if self._alone else "send its text in `query`, or deploy its manifest"
        told = f"no operation of the manifest has the id `{id[:_SHOWN]}`: {otherwise}"
        return _refused(_APOLLO_NOT_FOUND if by_hash else told, FailureCode.PERSISTED_QUERY_NOT_FOUND)


def _refused(message: str, code: FailureCode) -> Document:
    return Document(tree=None, errors=(GraphQLError(message),), code=code)
