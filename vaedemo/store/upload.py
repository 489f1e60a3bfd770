"""One model's bundle to the Hugging Face Hub, for `store.download` to bring back."""

from __future__ import annotations

from vaedemo.errors import HubError
from vaedemo.store import checksums
from vaedemo.store.paths import weights_folder

PATIENCE = 10.0  # seconds for the Hub's first answer


def publish(name: str, repo: str, token: str | None = None) -> str:
    """Uploads `weights/NAME` into the subfolder NAME of `repo` ("user/repo", created if needed) in one commit.

    token: a write token; default the one that `hf auth login` saved, or HF_TOKEN. Returns the commit's URL, whose last
    part is the revision; files that are there already make no new commit. Raises HubError.
    """
    folder = weights_folder() / name
    # The checksums too: what is published but not listed could never be fetched again.
    wrong = checksums.problem(folder, checksums.checksums(name))
    if wrong is not None:
        raise HubError(f"weights/{name} is not fit to be published: {wrong}")

    from huggingface_hub import CommitOperationAdd, HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled, RepositoryNotFoundError

    token = token or get_token()
    if token is None:
        raise HubError("publishing needs a token with write access: run `hf auth login`, or set HF_TOKEN")
    api = HfApi(token=token)
    files = [CommitOperationAdd(f"{name}/{file}", folder / file) for file in checksums.FILES]
    try:
        try:
            # Asked first, as it is the one call with a timeout: a dead network is known before any file is sent.
            api.model_info(repo, timeout=PATIENCE)
        except RepositoryNotFoundError:
            api.create_repo(repo, exist_ok=True)
        return str(
            api.create_commit(repo, files, commit_message=f"{name}: weights, config, metrics and card").commit_url
        )
    except HFValidationError as error:
        raise HubError(f"{repo!r} is no repository's name: {error}") from error
    except OfflineModeIsEnabled as error:
        raise HubError("HF_HUB_OFFLINE is set, so the Hub is not asked") from error
    except HfHubHTTPError as error:
        raise HubError(_explain(error.response.status_code, repo, error)) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: the client's word for a failed upload of one file
        raise HubError(f"the upload to {repo} failed: {error}") from error
    except Exception as error:
        # The client's network errors belong to httpx or httpx2, by its version: named by what they have in common.
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2"):
            raise
        raise HubError(f"the Hub cannot be reached: {error or type(error).__name__}") from error


def _explain(status: int, repo: str, error: Exception) -> str:
    known = {
        401: f"the Hub does not accept the token (401); make one with write access to {repo}",
        403: f"the token may not write to {repo} (403); make one with write access, or name a repository of your own",
        404: f"the Hub knows no {repo} (404), and this token may not create it",
        429: "the Hub says too many requests (429); try again later",
    }
    return known.get(status, f"the Hub answers with status {status}: {error}")
