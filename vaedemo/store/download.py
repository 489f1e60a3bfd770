"""One model's files from the Hub, by huggingface_hub, in a process of its own that can be ended at any moment.

A thread that waits for a dead server cannot be ended, and the client's own retries may take minutes; so the client
runs in a child process, each request once, and the parent watches what reaches the disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from vaedemo.errors import DownloadFailed

PATIENCE = 4.0
"""Seconds without progress after which the Hub is given up.

Progress is a file completed, or another `STEP` bytes: a server that hangs or trickles is found out in `PATIENCE`
seconds, a slow line (above `STEP / PATIENCE` = 8 kB/s) may take as long as it needs.
"""
STEP = 32 * 1024
LARGEST = 64 * 1024 * 1024  # bytes a file: no published file comes near, an endless one ends here

_STATUS = {
    401: "asks for a token (401): the repository is private or does not exist, or the saved token is wrong",
    403: "forbids access (403)",
    404: "has no such repository or revision (404)",
    429: "says too many requests (429)",
    503: "is out of service (503)",
}


def fetch(repo: str, revision: str, paths: Sequence[str], folder: Path, stop: Callable[[], bool] | None = None) -> str:
    """Downloads `paths` of `repo` into the existing `folder`, flat, and returns the commit they came from.

    The first path should be the largest file: it is where a trickling server shows. Raises DownloadFailed.
    """
    task = json.dumps({"repo": repo, "revision": revision, "paths": list(paths), "folder": str(folder)})
    top = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (top, os.environ.get("PYTHONPATH"))))}
    with subprocess.Popen(
        [sys.executable, "-m", "vaedemo.store.download", task],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        try:
            _watch(child, folder, stop)
            output = child.communicate()[0]
        finally:
            child.kill()
    try:
        answer = json.loads(output)
    except ValueError:
        raise DownloadFailed(f"could not be asked: the download ended with code {child.returncode}", True) from None
    if "reason" in answer:
        raise DownloadFailed(answer["reason"], answer["everything"])
    return answer["commit"]


def _watch(child: subprocess.Popen, folder: Path, stop: Callable[[], bool] | None) -> None:
    """Returns when `child` has ended; raises DownloadFailed when it makes no progress, or when `stop` says so."""
    progress, since = (0, 0), time.monotonic()
    while True:
        try:
            child.wait(timeout=0.05)
            return
        except subprocess.TimeoutExpired:
            pass
        if stop is not None and stop():
            raise DownloadFailed("was not waited for: the download was stopped", False)
        files = [path for path in folder.iterdir() if path.suffix != ".part"]
        received = sum(map(_size, folder.glob("*.part")))
        if (len(files), received // STEP) != progress:
            progress, since = (len(files), received // STEP), time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            got = f"sent only {received} bytes" if files or received else "did not answer"
            raise DownloadFailed(f"{got} in {PATIENCE:.0f} seconds", True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # completed, and renamed, since it was listed
        return 0


def _download(repo: str, revision: str, paths: list[str], folder: str) -> str:
    """The child's part. Returns the commit that `revision` stood for."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    commit = revision
    for path in paths:
        url = hf_hub_url(repo, path, revision=revision)
        # The session's own stream and not hf_hub_download: that one waits out 429 and 503 for minutes.
        # The parent's patience ends first, and has the words for it; this one's is for a child whose parent is gone.
        with get_session().stream("GET", url, headers=build_hf_headers(), timeout=2 * PATIENCE) as response:
            hf_raise_for_status(response)
            hub = response.history[0] if response.history else response  # large files redirect to a store
            commit = hub.headers.get("X-Repo-Commit", commit)
            target = Path(folder, Path(path).name)
            part = target.with_name(target.name + ".part")
            size = 0
            with part.open("wb", buffering=0) as file:
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > LARGEST:
                        raise ValueError(f"sends more than {LARGEST // 2**20} MiB for {path}")
                    file.write(chunk)
            part.rename(target)
    return commit


def _explain(error: Exception) -> dict[str, str | bool]:
    """Why `_download` failed, in plain words, and whether other models would fare the same."""
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled):
        return {"reason": "is not asked: HF_HUB_OFFLINE is set", "everything": True}
    if isinstance(error, EntryNotFoundError):
        return {"reason": "has no such file (404)", "everything": False}
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return {"reason": _STATUS.get(status, f"answers with status {status}"), "everything": True}
    if isinstance(error, ValueError):
        return {"reason": str(error), "everything": False}
    if isinstance(error, OSError):
        return {"reason": f"sent a file that cannot be kept here: {error}", "everything": False}
    return {"reason": f"cannot be reached: {error or type(error).__name__}", "everything": True}


if __name__ == "__main__":
    try:
        print(json.dumps({"commit": _download(**json.loads(sys.argv[1]))}))
    except Exception as error:  # the parent has only this answer to explain itself with
        print(json.dumps(_explain(error)))
