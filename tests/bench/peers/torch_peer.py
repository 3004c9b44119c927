"""IQL and behaviour cloning in eager PyTorch: same sizes, order and optimisers as the steps we compile. Needs torch."""

from common import ACTIONS, OBSERVATIONS, ROWS, Windows, made_up_data, only_answers_on_stdout, options

answers = only_answers_on_stdout()
chosen = options()

import numpy
import torch
from torch import nn
from torch.nn import functional as F

WARM_UP, TOTAL_STEPS = 8, 1_000_000


def mlp(inputs, outputs):
    layers, width = [], inputs
    for size in chosen.hidden:
        layers += [nn.Linear(width, size), nn.ReLU()]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = mlp(OBSERVATIONS, ACTIONS)
        self.log_std = nn.Parameter(torch.zeros(ACTIONS))

    def log_likelihood(self, observations, actions):
        normal = torch.distributions.Normal(torch.tanh(self.net(observations)), self.log_std.clamp(-5, 2).exp())
        return normal.log_prob(actions).sum(-1)


class Cloning:
    def __init__(self):
        self.actor = Policy()
        self.adam = torch.optim.Adam(self.actor.parameters(), lr=3e-4)

    def step(self, observations, actions, *_):
        loss = -self.actor.log_likelihood(observations, actions).mean()
        update(self.adam, loss)
        return [loss.item()]


class ImplicitQ:
    def __init__(self):
        self.actor = Policy()
        self.critics = nn.ModuleList(mlp(OBSERVATIONS + ACTIONS, 1) for _ in range(2))
        self.targets = nn.ModuleList(mlp(OBSERVATIONS + ACTIONS, 1) for _ in range(2))
        self.targets.load_state_dict(self.critics.state_dict())
        self.value = mlp(OBSERVATIONS, 1)
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), lr=3e-4)
        self.critic_adam = torch.optim.Adam(self.critics.parameters(), lr=3e-4)
        self.value_adam = torch.optim.Adam(self.value.parameters(), lr=3e-4)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.actor_adam, TOTAL_STEPS)

    def step(self, observations, actions, rewards, next_observations, non_terminal):
        pairs = torch.cat([observations, actions], 1)
        with torch.no_grad():
            target_q = torch.min(*(critic(pairs).squeeze(-1) for critic in self.targets))

        difference = target_q - self.value(observations).squeeze(-1)
        value_loss = torch.mean(torch.abs(0.7 - (difference < 0).float()) * difference**2)
        update(self.value_adam, value_loss)

        with torch.no_grad():
            advantage = target_q - self.value(observations).squeeze(-1)
            weights = torch.exp(3.0 * advantage).clamp(max=100.0)
            goal = rewards + 0.99 * non_terminal * self.value(next_observations).squeeze(-1)
        actor_loss = -torch.mean(weights * self.actor.log_likelihood(observations, actions))
        update(self.actor_adam, actor_loss)
        self.schedule.step()

        values = [critic(pairs).squeeze(-1) for critic in self.critics]
        critic_loss = sum(F.mse_loss(q, goal) for q in values)
        update(self.critic_adam, critic_loss)

        with torch.no_grad():
            for target, source in zip(self.targets.parameters(), self.critics.parameters()):
                target.lerp_(source, 0.005)
        metrics = (value_loss, actor_loss, critic_loss, values[0].mean(), values[1].mean(), advantage.mean())
        return [metric.item() for metric in metrics]


torch.set_num_threads(chosen.threads)
torch.manual_seed(0)
columns = [torch.from_numpy(column) for column in made_up_data(numpy)]
learner = ImplicitQ() if chosen.algorithm == "iql" else Cloning()


def one():
    rows = torch.randint(0, ROWS, (chosen.batch_size,))
    learner.step(*(column[rows] for column in columns))


for _ in range(WARM_UP):
    one()
windows = Windows(answers, f"PyTorch {torch.__version__}")
while True:
    one()
    windows.count(1)
