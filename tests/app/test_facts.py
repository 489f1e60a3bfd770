"""What the page is told of a model is what Python knows of it: one recipe, one default description."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import pytest
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import routes
from vaedemo.data.face_set import USUAL
from vaedemo.models import class_of
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.recipes import KNOWN, Recipe
from vaedemo.store.paths import weights_folder

DESCRIBED = [name for name, recipe in KNOWN.items() if "attributes" in recipe.net]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(routes.application())


@pytest.mark.parametrize("name", KNOWN)
def test_the_page_shows_the_recipe_that_the_model_was_trained_by(client: TestClient, name: str) -> None:
    """Its config.json's and its card's; the table may have gone on since."""
    if not (weights_folder() / name).is_dir():
        pytest.skip(f"{name} does not ship yet")
    config = (weights_folder() / name / "config.json").read_text(encoding="utf-8")
    told = client.get(f"/models/{name}.json").json()["recipe"]
    assert told == json.loads(json.dumps(asdict(Recipe.from_json(config))))
    came_about = re.split(r"\{(?:stored|size)", class_of(KNOWN[name]).HISTORY)[0]  # before what only the file knows
    said = came_about.format(steps=told["steps"], batch=told["batch"])
    assert said in client.get(f"/models/{name}/card.md").text


def test_that_is_a_difference(client: TestClient) -> None:
    told = client.get("/models/digits-quadrant.json").json()["recipe"]
    assert (told["steps"], KNOWN["digits-quadrant"].steps) == (2_000, 5_000)


@pytest.mark.parametrize("name", DESCRIBED)
def test_page_and_python_describe_the_same_default_face(client: TestClient, name: str) -> None:
    facts = client.get(f"/models/{name}.json").json()
    model = zoo.loaded(name)
    assert isinstance(model, AttributeCVAE)
    assert [facts["usual"][attribute] for attribute in facts["recipe"]["net"]["attributes"]] == model.asked({}).tolist()
    assert {attribute for attribute, value in facts["usual"].items() if value > 0} == set(USUAL)


def test_others_have_no_description(client: TestClient) -> None:
    assert "usual" not in client.get("/models/digits.json").json()
