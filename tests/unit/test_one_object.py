"""One thing in other colors: on fields that are linear in their codes, where what is right is known."""

from __future__ import annotations

import torch

from vaedemo.models.one_object import Response, belonging, recolored, response

torch.set_num_threads(1)


def two_things() -> torch.Tensor:
    """Slopes (4, 2, 32, 32): z1 and z2 are a and b of the left half, z3 and z4 those of the right one."""
    slopes = torch.zeros(4, 2, 32, 32)
    slopes[0, 0, :, :16] = slopes[1, 1, :, :16] = slopes[2, 0, :, 16:] = slopes[3, 1, :, 16:] = 0.2
    return slopes


def painted(codes: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    return 0.1 + torch.einsum("nz,zchw->nchw", codes, slopes)


def test_the_response_of_linear_fields_is_theirs() -> None:
    torch.manual_seed(0)
    mixed = torch.randn(4, 4)
    codes = torch.randn(400, 4) @ mixed + 1
    known = response(codes, painted(codes, two_things()))
    torch.testing.assert_close(known.covariance, torch.cov(codes.T, correction=0), atol=0.02, rtol=0.02)
    torch.testing.assert_close(known.slopes, two_things(), atol=0.02, rtol=0)


def test_a_cell_belongs_to_what_its_color_foretells() -> None:
    known = Response(torch.eye(4), two_things())
    part = belonging(known, 5, 3)
    assert part[:, :16].min() > 0.99
    assert part[:, 16:].max() < 1e-5


def test_half_of_a_cells_variance_may_be_another_things() -> None:
    slopes = two_things()
    slopes[2, 0, :, :4] = slopes[3, 1, :, :4] = 0.2  # the seam follows both
    assert torch.allclose(belonging(Response(torch.eye(4), slopes), 5, 10)[:, :4], torch.tensor(0.5), atol=1e-3)


def test_one_thing_takes_its_color_and_the_other_keeps_its_own() -> None:
    torch.manual_seed(1)
    known, base = Response(torch.eye(4), two_things()), torch.randn(4)
    before = painted(base[None], known.slopes)
    away = torch.tensor([[0.2, 0.0], [0.0, -0.3], [0.1, 0.1]])
    moved = painted(recolored(base, away, known, 5, 3, belonging(known, 5, 3)), known.slopes) - before
    assert torch.allclose(moved[:, :, 20, 7], away, atol=0.01)  # a little less: z has a prior
    assert moved[..., 16:].abs().max() < 1e-5


def test_codes_go_to_where_the_loss_is_least() -> None:
    """Against the same sum, minimized by gradient descent."""
    torch.manual_seed(2)
    slopes, spread = 0.1 * torch.randn(4, 2, 32, 32), torch.randn(4, 4)
    known, base, away = Response(spread @ spread.T + torch.eye(4), slopes), torch.randn(4), torch.tensor([[0.2, -0.1]])
    part = torch.rand(32, 32)
    z = base.clone().requires_grad_()
    steps = torch.optim.LBFGS([z], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        steps.zero_grad()
        moved = torch.einsum("z,zchw->chw", z - base, slopes)
        elsewhere = 64 / 1024 * ((1 - part) * moved.square()).sum() / (10 / 128) ** 2
        here = (moved[:, 9, 4] - away[0]).square().sum() / (2 / 128) ** 2
        total = elsewhere + here + (z - base) @ torch.linalg.solve(known.covariance, z - base)
        total.backward()
        return total

    steps.step(loss)
    torch.testing.assert_close(recolored(base, away, known, 9, 4, part)[0], z.detach(), atol=1e-3, rtol=1e-3)
