"""When spans are made: what the OTEL_ variables ask for, and that nothing is imported where they ask for nothing."""

import subprocess
import sys

import pytest

from texting import telemetry
from texting.startup_error import StartupError


@pytest.mark.parametrize(
    ("environ", "exporters"),
    [
        ({}, set()),
        ({"OTEL_SERVICE_NAME": "texting"}, set()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, {"otlp"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, {"otlp"}),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, {"otlp"}),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, {"otlp", "console"}),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, set()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "True"}, set()),
    ],
)
def test_the_standard_variables_say_where_spans_go(environ: dict[str, str], exporters: set[str]):
    assert telemetry.wanted(environ) == exporters


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "`zipkin` exports no spans here"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "`grpc` is not spoken here"),
    ],
)
def test_what_there_is_not_stops_the_start_with_a_sentence(environ: dict[str, str], told: str):
    with pytest.raises(StartupError, match=told):
        telemetry.opened(environ)


def test_what_opentelemetry_does_not_take_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "-1")
    with pytest.raises(StartupError, match="schedule_delay_millis must be positive"):
        telemetry.opened({"OTEL_TRACES_EXPORTER": "otlp"})


def test_without_the_extra_no_spans_are_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telemetry, "_PARTS", ("no_such_package.sdk",))
    assert telemetry.opened({"OTEL_TRACES_EXPORTER": "otlp"}) is None


def test_nothing_is_imported_where_no_spans_are_wanted():
    program = (
        "import sys\n"
        "from texting import app, telemetry\n"
        "import texting.commands.serve, texting.program, texting.server\n"
        "assert telemetry.opened({}) is None\n"
        "app.bound_schema()\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'texting.tracing'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
