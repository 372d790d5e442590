"""Sending one operation from the command line."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from texting.calling import CallFailed, call, demo_token, pick, variables_of


def test_variables_are_text_unless_they_say_json():
    assert variables_of(["name=Ana", "first:=10", "ids:=[1, 2]", "empty=", "sum=a=b", "none:=null"]) == {
        "name": "Ana",
        "first": 10,
        "ids": [1, 2],
        "empty": "",
        "sum": "a=b",
        "none": None,
    }


@pytest.mark.parametrize("pair", ["name", "", "=x", ":=1", "first:=ten"])
def test_what_is_no_variable_says_how_to_write_one(pair):
    with pytest.raises(CallFailed, match="write"):
        variables_of([pair])


DATA = {"users": {"edges": [{"node": {"id": "x"}}]}, "none": None}


def test_a_path_is_followed():
    assert pick(DATA, "users.edges.0.node.id") == "x"
    assert pick(DATA, "none") is None


@pytest.mark.parametrize("path", ["", "user", "users.edges.1", "users.edges.x", "none.id", "users.edges.0.node.id.x"])
def test_a_path_that_leads_nowhere_names_the_step(path):
    with pytest.raises(CallFailed, match=f"the answer has no `{path.rpartition('.')[2] if path else ''}"):
        pick(DATA, path)


def test_a_personas_token_is_read_from_the_demos_file(tmp_path):
    (tmp_path / "demo-tokens.json").write_text(json.dumps({"ana": "t", "ben": "u"}))
    assert demo_token(tmp_path, "ana") == "t"
    with pytest.raises(CallFailed, match="`eve` is no persona of the demo: use one of ana, ben"):
        demo_token(tmp_path, "eve")


def test_without_the_demo_there_are_no_personas(tmp_path):
    with pytest.raises(CallFailed, match="start the server with `texting serve --demo` first"):
        demo_token(tmp_path, "ana")


class Server(HTTPServer):
    answer = (200, b"{}")
    asked = None


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        status, content = self.server.answer
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked = (dict(self.headers), json.loads(body))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def url(server):
    return f"http://127.0.0.1:{server.server_port}/graphql"


@pytest.mark.parametrize("spoken", [b"SSH-2.0\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_what_does_not_speak_http_to_its_end_fails_without_a_traceback(spoken):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(spoken)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(CallFailed, match="no answer from"):
            call(f"http://127.0.0.1:{listening.getsockname()[1]}/", "t", "{ a }", {})
        thread.join()


def test_an_operation_is_sent_with_its_token(server):
    server.answer = (200, b'{"data": {"a": 1}}')
    assert call(url(server), "secret", "{ a }", {"x": 1}) == {"data": {"a": 1}}
    headers, body = server.asked
    assert headers["Authorization"] == "Bearer secret"
    assert body == {"query": "{ a }", "variables": {"x": 1}}
    call(url(server), "secret", "query A { a }", {}, "A")
    assert server.asked[1] == {"query": "query A { a }", "variables": {}, "operationName": "A"}


def test_a_refusal_is_an_answer_too(server):
    server.answer = (401, b'{"errors": [{"message": "no"}]}')
    assert call(url(server), "t", "{ a }", {}) == {"errors": [{"message": "no"}]}


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'"x"'])
def test_what_is_no_answer_of_an_api_says_so(server, content):
    server.answer = (200, content)
    with pytest.raises(CallFailed, match="is it the address of the GraphQL API"):
        call(url(server), "t", "{ a }", {})


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/graphql", "nowhere", "ftp2://x/"])
def test_where_nobody_answers_the_call_fails(address):
    with pytest.raises(CallFailed, match="no answer from"):
        call(address, "t", "{ a }", {})
