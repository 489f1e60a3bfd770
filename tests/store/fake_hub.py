"""A Hub on this machine: as much of its HTTP protocol as huggingface_hub uses to download and to upload.

Written after the requests that huggingface_hub 2.4 makes (file_download.py, _commit_api.py, lfs.py). Safetensors go
through LFS, as on the Hub: a download is redirected to a store, an upload goes there before the commit names it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

WRITER, READER = "hf_writer", "hf_reader"  # tokens


@dataclass
class FakeHub:
    """`status`: every request is answered with it. `trickle`: bytes a chunk and seconds between, for LFS downloads."""

    url: str = ""
    store_url: str = ""  # another host, as on the Hub: the client follows redirects within one host differently
    repos: dict[str, list[dict[str, bytes]]] = field(default_factory=dict)  # every commit's files
    store: dict[str, bytes] = field(default_factory=dict)  # LFS, by sha256
    requests: list[str] = field(default_factory=list)
    status: int | None = None
    trickle: tuple[int, float] | None = None

    def put(self, repo: str, files: dict[str, bytes]) -> str:
        """Commits `files` into `repo`, as somebody with write access would. Returns the commit."""
        commits = self.repos.setdefault(repo, [])
        commits.append({**(commits[-1] if commits else {}), **files})
        for content in files.values():
            self.store[hashlib.sha256(content).hexdigest()] = content
        return self.commit(repo)

    def commit(self, repo: str) -> str:
        return hashlib.sha1(f"{repo} {len(self.repos[repo])}".encode()).hexdigest()

    def app(self) -> Starlette:
        repo = "/api/models/{user}/{repo}"
        return Starlette(
            routes=[
                Route("/api/repos/create", self._create, methods=["POST"]),
                Route(repo, self._info),
                Route(repo + "/revision/{revision}", self._info),
                Route(repo + "/preupload/{revision}", self._preupload, methods=["POST"]),
                Route(repo + "/commit/{revision}", self._commit, methods=["POST"]),
                Route("/{user}/{repo}.git/info/lfs/objects/batch", self._batch, methods=["POST"]),
                Route("/store/{oid}", self._keep, methods=["PUT"]),
                Route("/store/{oid}", self._give),
                Route("/{user}/{repo}/resolve/{revision}/{path:path}", self._resolve),
            ]
        )

    def _refusal(self, request: Request, write: bool = False) -> Response | None:
        self.requests.append(f"{request.method} {request.url.path}")
        if self.status is not None:
            return JSONResponse({"error": "out of order"}, self.status)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in ("", WRITER, READER):
            message = "Invalid credentials in Authorization header"
            return JSONResponse({"error": message}, 401, {"X-Error-Message": message})
        if write and token != WRITER:
            return JSONResponse({"error": "no write access"}, 403, {"X-Error-Message": "no write access"})
        return None

    def _missing(self, request: Request) -> Response | None:
        if self._name(request) in self.repos:
            return None
        return JSONResponse({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})

    @staticmethod
    def _name(request: Request) -> str:
        return f"{request.path_params['user']}/{request.path_params['repo']}"

    async def _create(self, request: Request) -> Response:
        if refusal := self._refusal(request, write=True):
            return refusal
        wanted = await request.json()
        repo = f"{wanted['organization']}/{wanted['name']}"
        if repo in self.repos:
            return JSONResponse({"error": "You already created this model repo"}, 409)
        self.repos[repo] = []
        return JSONResponse({"url": f"{self.url}/{repo}", "name": repo})

    async def _info(self, request: Request) -> Response:
        if refusal := self._refusal(request) or self._missing(request):
            return refusal
        repo = self._name(request)
        return JSONResponse({"id": repo, "sha": self.commit(repo), "private": False, "tags": [], "siblings": []})

    async def _preupload(self, request: Request) -> Response:
        if refusal := self._refusal(request, write=True) or self._missing(request):
            return refusal
        commits = self.repos[self._name(request)]
        answers = []
        for file in (await request.json())["files"]:
            large = file["path"].endswith(".safetensors")
            known = commits[-1].get(file["path"]) if commits else None
            answers.append(
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if large else "regular",
                    "shouldIgnore": False,
                    "oid": None if known is None else _oid(known, large),
                }
            )
        return JSONResponse({"files": answers})

    async def _batch(self, request: Request) -> Response:
        if refusal := self._refusal(request, write=True) or self._missing(request):
            return refusal
        objects = []
        for file in (await request.json())["objects"]:
            upload = {"upload": {"href": f"{self.store_url}/store/{file['oid']}"}}
            objects.append({**file, **({} if file["oid"] in self.store else {"actions": upload})})
        return JSONResponse({"transfer": "basic", "objects": objects})

    async def _keep(self, request: Request) -> Response:
        self.requests.append(f"PUT {request.url.path}")
        content = await request.body()
        if hashlib.sha256(content).hexdigest() != request.path_params["oid"]:
            return JSONResponse({"error": "hash mismatch"}, 400)
        self.store[request.path_params["oid"]] = content
        return Response()

    async def _commit(self, request: Request) -> Response:
        if refusal := self._refusal(request, write=True) or self._missing(request):
            return refusal
        repo, files = self._name(request), {}
        for line in (await request.body()).splitlines():
            item = json.loads(line)
            if item["key"] == "file":
                files[item["value"]["path"]] = base64.b64decode(item["value"]["content"])
            elif item["key"] == "lfsFile":
                files[item["value"]["path"]] = self.store[item["value"]["oid"]]
        commit = self.put(repo, files)
        return JSONResponse({"success": True, "commitOid": commit, "commitUrl": f"{self.url}/{repo}/commit/{commit}"})

    async def _resolve(self, request: Request) -> Response:
        if refusal := self._refusal(request) or self._missing(request):
            return refusal
        repo, path, revision = self._name(request), request.path_params["path"], request.path_params["revision"]
        if revision not in ("main", self.commit(repo)):
            return JSONResponse({"error": "Invalid rev id"}, 404, {"X-Error-Code": "RevisionNotFound"})
        files = self.repos[repo][-1]
        if path not in files:
            return JSONResponse({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
        content, large = files[path], path.endswith(".safetensors")
        headers = {"X-Repo-Commit": self.commit(repo), "ETag": f'"{_oid(content, large)}"'}
        if not large:
            return Response(content, headers=headers, media_type="text/plain")
        oid = hashlib.sha256(content).hexdigest()
        headers |= {"X-Linked-ETag": f'"{oid}"', "X-Linked-Size": str(len(content))}
        return RedirectResponse(f"{self.store_url}/store/{oid}", 302, headers)

    async def _give(self, request: Request) -> Response:
        content = self.store[request.path_params["oid"]]
        if self.trickle is None:
            return Response(content)
        return StreamingResponse(self._drops(content, *self.trickle), headers={"Content-Length": str(len(content))})

    @staticmethod
    async def _drops(content: bytes, size: int, pause: float) -> AsyncIterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]
            await asyncio.sleep(pause)


def _oid(content: bytes, large: bool) -> str:
    """What the Hub calls a file: its sha256 in LFS, else its git blob hash."""
    if large:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def running() -> Iterator[FakeHub]:
    hub = FakeHub()
    server = uvicorn.Server(uvicorn.Config(hub.app(), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    hub.url, hub.store_url = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
    yield hub
    server.should_exit = server.force_exit = True
    thread.join()


@contextmanager
def silent(header: bytes = b"", pause: float = 0.2) -> Iterator[str]:
    """A server that accepts and never answers, or sends `header` one byte every `pause` seconds. Gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection = listener.accept()[0]
        with connection:
            for byte in header:
                if over.wait(pause):
                    return
                try:
                    connection.send(bytes([byte]))
                except OSError:
                    return
            over.wait()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    listener.close()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
