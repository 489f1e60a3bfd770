"""What the README and docs/ promise is what is there."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from vaedemo.recipes import KNOWN

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = (ROOT / "docs/models.md").read_text(encoding="utf-8")
COLUMNS = {
    "NLL": "nll",
    "ELBO given the label": "elbo",
    "asked digit": "classifier_accuracy",
    "ELBO": "elbo",
    "rate": "rate",
    "distortion": "distortion",
    "active latents": "active_dimensions",
    "given 1": "cll_1",
    "given 2": "cll_2",
    "given 3": "cll_3",
    "agreement": "balanced_agreement",
    "of the reader's own": "balanced_agreement_share",
    "cosine": "attribute_cosine",
    "rises": "monotonic_share",
    "squared error": "pixel_mse",
    "sharpness": "sharpness",
    "FD": "fd",
    "FD-r": "fd_reader",
    "spread": "spread",
    "weave": "weave",
    "person": "reader_feature_error",
    "read off it": "attribute_cosine_rebuilt",
    "asked": "attribute_cosine",
    "search": "inversion_mse",
    "AUC": "auc",
    "AUC rebuilt": "auc_rebuilt",
    "balanced accuracy": "reader_balanced_accuracy",
    "found": "faces_found",
    "within 2 pixels": "eyes_within_2px",
    "error": "landmark_error",
    "mean face": "landmark_error_mean_face",
    "smile": "smile_unexplained",
    "mean flow": "smile_unexplained_mean",
    "ridge": "smile_unexplained_ridge",
    "best of ten": "smile_best_of_10_unexplained",
    "shaped": "synthetic_unexplained",
    "ridge, shaped": "synthetic_unexplained_ridge",
    "encoded": "reconstruction_unexplained",
    "smiles": "read_as_smiling",
    "smiles before": "read_as_smiling_before",
    "smiles in pixels": "read_as_smiling_pixels",
    "smile gone": "read_as_not_smiling",
    "gone before": "read_as_not_smiling_before",
    "leak in pixels": "leak_pixels",
    "sharp in pixels": "sharpness_pixels",
    "folds": "folded_cells",
    "MIG": "mig",
    "FactorVAE score": "factor_score",
    "DCI": "dci_disentanglement",
    "error between": "heldout_error",
    "blended pixels": "heldout_error_pixel_baseline",
    "R2 azimuth": "light_azimuth_r2",
    "R2 elevation": "light_elevation_r2",
    "leak": "light_leak",  # of faces: `leak`
    "accuracy": "category_accuracy",
    "100 labels": "error_100",
    "deviation at 100": "error_100_sd",
    "1,000 labels": "error_1000",
    "deviation at 1,000": "error_1000_sd",
    "100 labels, pixels": "pixel_error_100",
    "best of 8": "error_of_best_8",
    "scenes": "scenes/error_of_best_8",
    "Tiny ImageNet": "tinyimagenet/error_of_best_8",
    "faces": "faces/error_of_best_8",
    "colors128": "colors128/error_of_best_8",
    "of the mean": "error_of_mean",
    "tints too": "error_of_best_8_tints_too",
    "tint share": "tint_share",
    "object variance": "object_variance",
    "inside / outside": "colors128/inside_outside",
    "bins": "color_nats",
    "layout": "layout_error",
    "kept chroma": "kept_chroma",
    "chroma": "chroma_ratio",
    "off edges": "off_edge_ratio",
    "hint helps": "hint_gain_share",
    "weighted": "weighted_error",
    "nats": "color_nats",
    "probe": "probe_r2",
    "NLL a coefficient": "nll",
    "best of 1": "best_of_1",
    "best of 10": "best_of_10",
    "best of 100": "best_of_100",
    "rest moves": "still_motion_ratio",
    "groups": "future_groups",
    "draws apart": "draws_apart",
    "of two": "modes_found_2",
    "of three": "modes_found_3",
    "of four": "modes_found_4",
    "shares off by": "mode_share_error",
    "scenes within half": "mode_shares_within_half",
}


def rows() -> dict[str, dict[str, str]]:
    """What each model's rows of the tables of docs/models.md say, by column."""
    said: dict[str, dict[str, str]] = {}
    header: list[str] = []
    for line in MODELS.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            header = []
        elif not header:
            header = cells
        elif cells[0].strip("`") in KNOWN:
            said.setdefault(cells[0].strip("`"), {}).update(zip(header[2:], cells[2:], strict=True))
    return said


@pytest.mark.parametrize("name", sorted(folder.name for folder in (ROOT / "weights").iterdir()))
def test_figures_are_those_of_metrics_json(name: str) -> None:
    metrics = json.loads((ROOT / "weights" / name / "metrics.json").read_text())
    figures = rows()[name]
    assert figures
    for column, said in figures.items():
        figure = metrics.get(COLUMNS[column], metrics.get(column))
        if figure is None:
            assert said == "–", column
        else:
            number = said.split(" ")[0]
            assert float(number) == pytest.approx(figure, abs=0.5 * 10 ** -len(number.partition(".")[2]) + 1e-9), column


def test_the_python_example_runs_and_is_of_five_lines(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    assert len([line for line in example[1].splitlines() if line.strip()]) <= 5
    exec(compile(example[1], "README.md", "exec"), {})
    assert capsys.readouterr().out.count("tensor(") == 2  # rate and distortion


def test_every_variable_is_named_in_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("vaedemo/**/*.py"))
    for variable in set(re.findall(r"VAEDEMO_[A-Z_]+", README)):
        assert variable in code


def test_pictures_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")):
        for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_module_outside_the_tabs_is_named_in_the_architecture() -> None:
    """As `dial`, `dial.mjs` or `web/ui/dial.mjs`; a name that two folders have stands there twice."""
    spans = re.findall(r"`([^`\n]+)`", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    said = Counter(re.sub(r"(\.d)?\.(py|mjs|ts)$", "", span).rpartition("/")[2] for span in spans)
    package = ROOT / "vaedemo"
    files = [file for kind in ("*.py", "*.mjs", "*.ts") for file in package.rglob(kind) if file.stem != "__init__"]
    outside = [file for file in files if not file.is_relative_to(package / "app/tabs")]
    assert Counter(file.name.partition(".")[0] for file in outside) - said == Counter()
