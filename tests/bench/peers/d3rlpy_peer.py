"""d3rlpy's own IQL and behaviour cloning, in its own loop with its own replay buffer. Needs d3rlpy."""

from common import ROWS, Windows, made_up_data, only_answers_on_stdout, options

answers = only_answers_on_stdout()
chosen = options()

import d3rlpy
import numpy
import torch

EPISODE, WARM_UP = 100, 8
# Its loop averages all losses since the epoch began, so long epochs would slow it down.
STEPS_PER_EPOCH = 1000

torch.set_num_threads(chosen.threads)
observations, actions, rewards, _, _ = made_up_data(numpy)
ends = (numpy.arange(ROWS) + 1) % EPISODE == 0
dataset = d3rlpy.dataset.MDPDataset(
    observations, actions, rewards, terminals=numpy.zeros(ROWS, "float32"), timeouts=ends.astype("float32")
)
encoder = d3rlpy.models.VectorEncoderFactory(chosen.hidden)
if chosen.algorithm == "iql":
    encoders = {f"{part}_encoder_factory": encoder for part in ("actor", "critic", "value")}
    learner = d3rlpy.algos.IQLConfig(batch_size=chosen.batch_size, **encoders).create(device="cpu:0")
else:
    learner = d3rlpy.algos.BCConfig(batch_size=chosen.batch_size, encoder_factory=encoder).create(device="cpu:0")

windows = None


def after_step(_learner, _epoch, step):
    global windows
    if windows:
        windows.count(1)
    elif step == WARM_UP:
        windows = Windows(answers, f"d3rlpy {d3rlpy.__version__}")


learner.fit(
    dataset,
    n_steps=10**9,
    n_steps_per_epoch=STEPS_PER_EPOCH,
    show_progress=False,
    logger_adapter=d3rlpy.logging.NoopAdapterFactory(),
    callback=after_step,
)
