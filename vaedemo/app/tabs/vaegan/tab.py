"""Tab VAE vs GAN: one photo for all. Who gives it a z, and who draws it sharply?"""

from __future__ import annotations

from vaedemo.app.tab import Fold, Stop, Tab
from vaedemo.app.tabs.vaegan import server

FOLDS: tuple[Fold, ...] = ()

STOPS = (
    Stop(
        "One photo for all",
        "The VAE answers in one step, and blurs. The GAN draws sharply, and has to search: it was given no encoder.",
    ),
)

TAB = Tab(
    name="vaegan",
    title="VAE vs GAN",
    order=40,
    lead="One photo, four models. <b>Whose z is it?</b>",
    folds=FOLDS,
    stops=STOPS,
    routes=server.ROUTES,
)
