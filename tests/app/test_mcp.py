"""The endpoints as tools of the Model Context Protocol, asked by the protocol's own client."""

from __future__ import annotations

import ast
import asyncio
import base64
import inspect
from collections.abc import Awaitable, Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import fuzzing
import pytest
from PIL import Image, ImageDraw
from served import serving
from small_models import alone

from vaedemo import app
from vaedemo.errors import PackageMissing


def test_without_the_package_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "find_spec", lambda name: None)
    with pytest.raises(PackageMissing, match=r"pip install 'vaedemo\[mcp\]'"):
        app.create_app(mcp=True)
    with pytest.raises(SystemExit, match=r"pip install 'vaedemo\[mcp\]'"):
        app.serve(port=0, mcp=True)


@pytest.fixture(scope="module")
def tools(small_models: Path) -> Iterator[str]:
    """Where the tools are."""
    pytest.importorskip("mcp", reason="vaedemo[mcp] is not installed")
    with alone(small_models), serving(app.create_app(mcp=True)) as address:
        yield f"{address}gradio_api/mcp/"


def asked(address: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """What `work` makes of a session of the official client."""
    from mcp import ClientSession  # pyright: ignore[reportMissingImports]
    from mcp.client.streamable_http import streamablehttp_client  # pyright: ignore[reportMissingImports]

    async def session() -> Any:
        async with streamablehttp_client(address) as (read, write, _), ClientSession(read, write) as client:
            await client.initialize()
            return await work(client)

    return asyncio.run(session())


def drawing() -> str:
    """A drawn digit, a data URL."""
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(60, 50), (190, 50), (110, 230)], fill=0, width=26, joint="curve")
    file = BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_every_endpoint_is_a_tool_that_tells_its_arguments_and_its_answer(tools: str) -> None:
    listed = {tool.name: tool for tool in asked(tools, lambda client: client.list_tools()).tools}
    functions = {endpoint.function.__name__: endpoint.function for endpoint in fuzzing.all_endpoints()}
    assert set(listed) == set(functions)
    for name, tool in listed.items():
        assert "Returns {" in tool.description, name
        told = tool.inputSchema["properties"]
        assert set(told) == set(inspect.signature(functions[name]).parameters), name
        for argument, schema in told.items():
            assert schema.get("description"), f"{name}: {argument}"


def test_a_tool_answers_as_the_endpoint_does(tools: str) -> None:
    answer = asked(tools, lambda client: client.call_tool("sample", {"model": "digits-2d", "n": 2, "seed": 3}))
    assert not answer.isError
    found = ast.literal_eval(answer.content[0].text)
    assert len(found["z"]) == 2
    for url in found["pictures"]:
        assert Image.open(BytesIO(urlopen(url).read())).size == (28, 28)


def test_a_picture_comes_as_a_data_url_and_a_refusal_as_a_sentence(tools: str) -> None:
    encoded = asked(tools, lambda client: client.call_tool("encode", {"model": "digits-2d", "image": drawing()}))
    assert len(ast.literal_eval(encoded.content[0].text)["mean"]) == 2
    for arguments, said in (
        ({"model": "nobody", "image": drawing()}, "unknown model 'nobody'"),
        ({"model": "digits-2d", "image": "http://127.0.0.1:9/private.png"}, "is not a file that was uploaded here"),
    ):
        refused = asked(tools, lambda client, arguments=arguments: client.call_tool("encode", arguments))
        assert refused.isError
        assert said in refused.content[0].text
