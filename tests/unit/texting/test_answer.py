"""How an answer leaves: errors that say a code and a tracking id and nothing of our insides."""

import json

import pytest
from graphql import ExecutionResult, GraphQLError, parse
from structlog.testing import capture_logs

from texting import media
from texting.answer import broken, executed, failed, refused
from texting.request_failure import FailureCode, RequestFailure

TRACKED = {"tracking_id": "BTM_1"}
SECRET = "password authentication failed for user"


def body(response):
    return json.loads(response.body)


def answered(result, media_type=media.JSON):
    response = executed(result, media_type=media_type, **TRACKED)
    return response.status_code, body(response)


@pytest.mark.parametrize("media_type", [media.JSON, media.GRAPHQL])
def test_data_leaves_as_it_is_under_the_type_asked_for(media_type):
    response = executed(ExecutionResult({"b": 1, "a": [None]}, None), media_type=media_type, **TRACKED)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.body == b'{"data":{"b":1,"a":[null]}}'


def test_an_error_that_was_meant_for_the_client_keeps_its_code():
    error = GraphQLError("no such thing", path=["a", 0], extensions={"code": "NOT_FOUND", "argument": "id"})
    _, content = answered(ExecutionResult({"a": [None]}, [error]))
    assert content["errors"] == [
        {
            "message": "no such thing",
            "path": ["a", 0],
            "extensions": {"code": "NOT_FOUND", "argument": "id", "trackingId": "BTM_1"},
        }
    ]


def test_an_error_of_our_insides_is_told_by_its_place_alone_and_logged():
    error = GraphQLError(SECRET, path=["a"], original_error=RuntimeError(SECRET))
    with capture_logs() as logs:
        status, content = answered(ExecutionResult({"a": None}, [error]))
    assert status == 200
    assert SECRET not in json.dumps(content)
    assert content["errors"][0]["path"] == ["a"]
    assert content["errors"][0]["extensions"] == {"code": "INTERNAL", "trackingId": "BTM_1"}
    assert [(log["event"], log["tracking_id"], log["path"]) for log in logs] == [("field failed", "BTM_1", ["a"])]


def test_a_field_for_which_the_database_did_not_answer_says_to_try_again():
    for original in (TimeoutError(), ConnectionResetError(SECRET)):
        with capture_logs() as logs:
            error = GraphQLError(str(original), path=["a"], original_error=original)
            _, content = answered(ExecutionResult({"a": None}, [error]))
        assert content["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert SECRET not in json.dumps(content)
        assert [entry["event"] for entry in logs] == ["database unavailable"]


@pytest.mark.parametrize("original", [None, GraphQLError("inner")])
def test_an_error_of_graphql_itself_is_the_clients(original):
    error = GraphQLError("cannot represent", path=["a"], original_error=original)
    _, content = answered(ExecutionResult({"a": None}, [error]))
    assert content["errors"][0]["message"] == "cannot represent"
    assert content["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("media_type", "status"), [(media.JSON, 200), (media.GRAPHQL, 400)])
def test_what_was_refused_before_execution_has_no_data(media_type, status):
    result = ExecutionResult(None, [GraphQLError("variable `$x` is wrong")])
    answer = answered(result, media_type)
    assert answer[0] == status
    assert "data" not in answer[1]
    assert answer[1]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("media_type", [media.JSON, media.GRAPHQL])
def test_a_null_that_reached_the_root_is_data(media_type):
    result = ExecutionResult(None, [GraphQLError("no", path=["a"], extensions={"code": "NOT_FOUND"})])
    status, content = answered(result, media_type)
    assert status == 200
    assert content["data"] is None


@pytest.mark.parametrize(("media_type", "status"), [(media.JSON, 200), (media.GRAPHQL, 400)])
def test_a_document_that_cannot_be_executed_shows_its_errors(media_type, status):
    error = GraphQLError("unknown field", nodes=parse("{ a }").definitions[0])
    response = refused([error], FailureCode.GRAPHQL_VALIDATION_FAILED, media_type=media_type, **TRACKED)
    assert response.status_code == status
    [shown] = body(response)["errors"]
    assert shown["locations"] == [{"line": 1, "column": 1}]
    assert shown["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED", "trackingId": "BTM_1"}


def test_a_request_that_is_none_has_its_status_and_headers():
    failure = RequestFailure(405, FailureCode.METHOD_NOT_ALLOWED, "use POST", {"Allow": "POST"})
    response = failed(failure, media_type=media.JSON, **TRACKED)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert body(response) == {
        "errors": [{"message": "use POST", "extensions": {"code": "METHOD_NOT_ALLOWED", "trackingId": "BTM_1"}}]
    }


def test_what_we_failed_on_is_logged_and_told_without_a_reason():
    with capture_logs() as logs:
        response = broken(RuntimeError(SECRET), **TRACKED)
    assert response.status_code == 500
    assert SECRET.encode() not in response.body
    assert body(response)["errors"][0]["extensions"] == {"code": "INTERNAL", "trackingId": "BTM_1"}
    assert isinstance(logs[0]["exc_info"], RuntimeError)
