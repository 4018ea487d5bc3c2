"""A client of the admin API as any other program would be one: stubs made by protoc from the
contract, gRPC as Debian ships it for Python, and HTTP by the standard library.

Importing this module makes the stubs, in a temporary folder that goes with the process. AdminClient
is used from asyncio and closed with its test.
"""

import asyncio
import atexit
import http.client
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Servers are started by tests while channels are open; gRPC would try to follow them.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import google  # noqa: E402
import grpc  # noqa: E402
import grpc.aio  # noqa: E402
from google.protobuf import any_pb2  # noqa: E402

from harness import ROOT  # noqa: E402
from servers import LOOPBACK, find_program  # noqa: E402

API = ROOT / "api"
GRPC_PROTOS = pathlib.Path("/usr/share/grpc-proto")  # Debian: grpc-proto
PROTO_PATHS = (API / "third_party", API, GRPC_PROTOS)  # the inner one first: it names its files
ANSWER_TIMEOUT = 20.0  # seconds


def _make_stubs():
    """Runs protoc over the contract and puts what it made on the import path."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bellhop-stubs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    contract = sorted((API / "bellhop" / "admin" / "v1").glob("*.proto"))
    errors = sorted((API / "third_party" / "google" / "rpc").glob("*.proto"))
    standard = [GRPC_PROTOS / "grpc/health/v1/health.proto",
                GRPC_PROTOS / "grpc/reflection/v1alpha/reflection.proto"]
    subprocess.run(
        [find_program("protoc"), *(f"--proto_path={path}" for path in PROTO_PATHS),
         f"--plugin=protoc-gen-grpc_python={find_program('grpc_python_plugin')}",
         f"--python_out={folder}", f"--grpc_python_out={folder}",
         *map(str, [*contract, *errors, *standard])], check=True)
    sys.path.append(str(folder))
    # These packages are there already; what was made for them lies beside it.
    grpc.__path__.append(str(folder / "grpc"))
    google.__path__ = [*google.__path__, str(folder / "google")]
    return [path.stem for path in contract]


_CONTRACT = _make_stubs()
error_details = importlib.import_module("google.rpc.error_details_pb2")
_status = importlib.import_module("google.rpc.status_pb2")
health = importlib.import_module("grpc.health.v1.health_pb2")
health_grpc = importlib.import_module("grpc.health.v1.health_pb2_grpc")
reflection = importlib.import_module("grpc.reflection.v1alpha.reflection_pb2")
reflection_grpc = importlib.import_module("grpc.reflection.v1alpha.reflection_pb2_grpc")
_MODULES = {name: importlib.import_module(f"bellhop.admin.v1.{name}_pb2") for name in _CONTRACT}
_STUBS = {name: importlib.import_module(f"bellhop.admin.v1.{name}_pb2_grpc") for name in _CONTRACT}


class Messages:
    """Every message and enumeration value of bellhop.admin.v1 by its name."""


for _module in _MODULES.values():
    for _name, _value in vars(_module).items():
        if not _name.startswith("_"):
            setattr(Messages, _name, _value)
v1 = Messages


def services():
    """{full name of a service: its descriptor} of bellhop.admin.v1."""
    return {service.full_name: service for module in _MODULES.values()
            for service in module.DESCRIPTOR.services_by_name.values()}


class Refusal(Exception):
    """A call that was answered with an error: `code` of gRPC, `message`, and what the details say:
    `reason`, `domain`, `field`."""

    def __init__(self, failure):
        self.code = failure.code()
        self.message = failure.details()
        self.reason = self.domain = self.field = ""
        metadata = failure.trailing_metadata() or ()
        for key, value in metadata:
            if key == "grpc-status-details-bin":
                self._read(_status.Status.FromString(value))
        super().__init__(f"{self.code.name} {self.reason}: {self.message}")

    def _read(self, status):
        for detail in status.details:
            assert isinstance(detail, any_pb2.Any)
            info, fault = error_details.ErrorInfo(), error_details.BadRequest()
            if detail.Unpack(info):
                self.reason, self.domain = info.reason, info.domain
            elif detail.Unpack(fault):
                self.field = fault.field_violations[0].field


class Watch:
    """A running stream of answers."""

    def __init__(self, call):
        self._call = call

    async def next(self, timeout=ANSWER_TIMEOUT):
        """The next message; None at the end of the stream. Errors: Refusal."""
        try:
            message = await asyncio.wait_for(self._call.read(), timeout)
        except grpc.aio.AioRpcError as failure:
            raise Refusal(failure) from None
        return None if message is grpc.aio.EOF else message

    async def until(self, is_wanted, timeout=ANSWER_TIMEOUT):
        """Reads up to the first message that is wanted; that one."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            left = deadline - asyncio.get_running_loop().time()
            message = await self.next(max(left, 0.001))
            if message is None:
                raise AssertionError("the stream ended")
            if is_wanted(message):
                return message

    async def all(self, timeout=ANSWER_TIMEOUT):
        """Everything up to the end of the stream."""
        messages = []
        while (message := await self.next(timeout)) is not None:
            messages.append(message)
        return messages

    def cancel(self):
        self._call.cancel()


class AdminClient:
    """One connection. `target` is a path of a unix socket, or host:port; with `credentials` TLS is
    spoken. Methods of all services are called by their names."""

    def __init__(self, target, credentials=None, **channel_options):
        target = f"unix:{target}" if str(target).startswith("/") else target
        # Without a pool of its own each channel would share the connection of another test.
        options = [("grpc.use_local_subchannel_pool", 1),
                   *((f"grpc.{name}", value) for name, value in channel_options.items())]
        if credentials:
            self.channel = grpc.aio.secure_channel(target, credentials, options)
        else:
            self.channel = grpc.aio.insecure_channel(target, options)
        self._methods = {}
        for module, stubs in _STUBS.items():
            for service in _MODULES[module].DESCRIPTOR.services_by_name.values():
                stub = getattr(stubs, f"{service.name}Stub")(self.channel)
                for method in service.methods:
                    request = getattr(v1, method.input_type.name)
                    self._methods[method.name] = (getattr(stub, method.name), request)
        self.health = health_grpc.HealthStub(self.channel)
        self.reflection = reflection_grpc.ServerReflectionStub(self.channel)

    async def call(self, method, timeout=ANSWER_TIMEOUT, **fields):
        """The answer of a unary method; `fields` are those of the request. Errors: Refusal."""
        stub, request = self._methods[method]
        try:
            return await stub(request(**fields), timeout=timeout)
        except grpc.aio.AioRpcError as failure:
            raise Refusal(failure) from None

    def watch(self, method, **fields):
        """A streaming method, begun."""
        stub, request = self._methods[method]
        return Watch(stub(request(**fields)))

    async def close(self):
        await self.channel.close()


class Http:
    """Requests to the HTTP side, a connection each."""

    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, **headers):
        """(status, headers, text); header names are given with _ for -."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=ANSWER_TIMEOUT)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value
                                                    for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def call(self, name, message=None, token=None, **headers):
        """(status, decoded JSON) of `Service/Method`, with the headers that it asks for."""
        headers = {"Content_Type": "application/json", "X_Bellhop": "1", **headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers = {name: value for name, value in headers.items() if value is not None}
        status, _, text = self.request("POST", f"/api/v1/{name}", json.dumps(message or {}),
                                       **headers)
        return status, json.loads(text) if text.startswith("{") else text
