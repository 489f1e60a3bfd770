"""The command line: python -m vaedemo COMMAND."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from vaedemo.errors import DataMissing, HubError, Misfit, NoFolder, PackageMissing, Unavailable, VaedemoError
from vaedemo.recipes import KNOWN, NETS, RECIPES, Recipe
from vaedemo.store.paths import runs_folder

app = typer.Typer(
    help="Explore the latent spaces of variational autoencoders: a page in the browser, and the models behind it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
Name = Annotated[str, typer.Argument(help="A model; `list` shows them.", show_default=False)]
DataDir = Annotated[
    Path | None, typer.Option("--data", help="Where the data are (default: the folder that VAEDEMO_DATA names).")
]


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port to listen on; 0: any free one.")] = 7860,
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in, :: over IPv6 too.")
    ] = "127.0.0.1",
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Offer the endpoints as tools of the Model Context Protocol, too.")
    ] = False,
) -> None:
    """Start the page and print its address."""
    from vaedemo.app import serve

    serve(host, port, mcp)


@app.command()
def site(
    folder: Annotated[
        Path, typer.Argument(help="Where to: a new folder, or one that holds a site.", show_default=False)
    ],
) -> None:
    """Write the page as files for any static host: every tab, without a server. See docs/hosting.md."""
    from vaedemo.app.site import write
    from vaedemo.errors import NotAFolder

    try:
        write(folder)
    except (NotAFolder, PackageMissing) as error:
        raise typer.BadParameter(str(error)) from error
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    typer.echo(f"{folder}: {size / 1e6:.0f} MB. See it: python -m http.server --directory {folder}")


@app.command(name="list")
def list_models() -> None:
    """The models: what each is, and where it would come from."""
    from vaedemo.store import bundles

    for recipe in (*RECIPES.values(), *NETS.values()):
        try:
            source = bundles.find(recipe.name).badge.text
        except Unavailable:
            source = "not here: would train for two minutes at first use"
        typer.echo(f"{recipe.name:<18} {recipe.title:<33} {source}")


@app.command()
def train(
    name: Name,
    steps: Annotated[int | None, typer.Option(help="The whole run's length (default: the recipe's).", min=1)] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after this long; call again to go on.", min=0)] = None,
    data: DataDir = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda (default: what is there).")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the earlier run; without it, resume.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="At the end, ship it to weights/ if it is better on validation.")
    ] = False,
) -> None:
    """Train a model, going on where the last call stopped. Ctrl-C stops and keeps the checkpoint.

    Learns from the real data where they are found, else from a synthetic twin, and says which.
    """
    from vaedemo import data as sets
    from vaedemo import training, zoo
    from vaedemo.release import export

    recipe = _recipe(name)
    if data:
        os.environ["VAEDEMO_DATA"] = str(data)  # for what promotion measures on, too
    typer.echo(f"{name}: reading or drawing what it learns from; of motion that takes minutes")
    try:
        pictures = sets.load(recipe.data, "train", twin=False if data else None)
    except DataMissing as error:
        raise typer.BadParameter(f"--data {data}: {error}") from error
    if promote and pictures.synthetic:
        raise typer.BadParameter(f"--promote: only models of the real data ship, and here are {pictures.source}")
    try:
        where, pretrained = runs_folder() / name, zoo.pretrained(recipe)
    except (NoFolder, Unavailable) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{name}: {len(pictures):,} pictures of {pictures.source}; checkpoints in {where}")
    try:
        run = training.fit(
            recipe,
            steps=steps,
            minutes=minutes,
            pictures=pictures,
            pretrained=pretrained,
            device=device,
            fresh=fresh,
            report=_tell,
        )
    except (ValueError, VaedemoError) as error:
        raise typer.BadParameter(str(error)) from error
    except KeyboardInterrupt:
        typer.echo("\nStopped; the last checkpoint is kept. The same command goes on from there.")
        raise typer.Exit(130) from None
    if os.environ.get("RANK", "0") != "0":  # under torchrun every process holds the run, and one is to ship it
        return
    typer.echo(f"{name}: step {run.step:,} of {run.horizon:,}")
    if promote and run.step < run.horizon:
        typer.echo("Not promoted: the run is not at its end yet.")
    elif promote:
        shipped = export.promote(run, zoo.peers(recipe))
        typer.echo("Promoted to weights/." if shipped else "Not promoted: the one in place is better.")


@app.command()
def evaluate(
    names: Annotated[list[str], typer.Argument(help="Models to measure.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a model and nothing else.")] = False,
) -> None:
    """Measure models on the test split; needs the real data. Those in weights/ get a new metrics.json and card."""
    from vaedemo import zoo
    from vaedemo.release import export
    from vaedemo.store import bundles

    for recipe in [_recipe(name) for name in names]:
        try:
            bundle = bundles.find(recipe.name)
            measure = export.write_metrics if bundle.badge.kind == "bundled" else export.measured
            metrics = measure(bundle.folder, zoo.peers(recipe))
        except (DataMissing, PackageMissing, Unavailable, Misfit) as error:
            raise typer.BadParameter(str(error)) from error
        if as_json:
            typer.echo(json.dumps(metrics))
        else:
            typer.echo("\n".join(f"{key:<18} {value}" for key, value in metrics.items()) + "\n")


@app.command()
def publish(
    name: Name,
    repo: Annotated[str, typer.Option(help="USER/REPO on the Hugging Face Hub; made if it is not there.")],
) -> None:
    """Upload a model's weights, figures and card to the Hugging Face Hub (log in with `hf auth login` first)."""
    from vaedemo.store.upload import publish as upload

    _recipe(name)
    try:
        typer.echo(upload(name, repo))
    except HubError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def cards() -> None:
    """Write the cards in weights/ anew, after a change of their words; figures stay, checksums follow."""
    from vaedemo.release import export
    from vaedemo.store.paths import weights_folder

    for place in sorted(path.parent for path in weights_folder().glob("*/config.json")):
        typer.echo(f"{place.name:<24} {'written anew' if export.rewrite_card(place) else 'as it was'}")


@app.command()
def data(
    name: Annotated[str, typer.Argument(help="A data set, e.g. digits.", show_default=False)],
    folder: DataDir = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch it from its original place.")] = False,
) -> None:
    """Where a data set was found, or how to get it."""
    from vaedemo import data as sets

    if name not in sets.sets():
        raise typer.BadParameter(f"unknown data set {name!r}; known: {', '.join(sets.sets())}")
    chosen = sets.sets()[name]
    try:
        if download:
            chosen.download(folder or sets.data_folder() or sets.cache_folder())
    except (DataMissing, NoFolder) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(chosen.where(folder or sets.data_folder()))


@app.command()
def doctor() -> None:
    """Tell what is here, on one screen, for a bug report: versions, folders, models, data, how fast a decoder is."""
    from vaedemo import doctor as here

    for line in here.report():
        typer.echo(line)


def _recipe(name: str) -> Recipe:
    if name not in KNOWN:
        raise typer.BadParameter(f"unknown model {name!r}; known: {', '.join((*RECIPES, *NETS))}")
    return KNOWN[name]


def _tell(progress) -> None:
    terms = "  ".join(f"{name} {value:.2f}" for name, value in progress.terms.items())
    left = progress.seconds_left
    typer.echo(
        f"step {progress.step:>7,}/{progress.horizon:,}  {terms} nats a picture  "
        f"{progress.images_per_second:,.0f} images/s  {left // 60:.0f} min {left % 60:.0f} s left"
    )


if __name__ == "__main__":
    app()
