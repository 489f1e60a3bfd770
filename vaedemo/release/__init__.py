"""From a trained run to what ships: export, model cards, the two-minute training."""
