"""Implicit Q-learning step in eager PyTorch, for comparison: same sizes, order and optimisers as the step we compile.

Prints one JSON line per measured window: {"stepsPerSecond": ..., "stepsPerCpuSecond": ...}. Needs torch only.
Each line of standard input asks for one window of so many seconds; ends at the end of input.
"""

import argparse
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

OBSERVATIONS, ACTIONS = 17, 6


def mlp(inputs, hidden, outputs):
    layers, width = [], inputs
    for size in hidden:
        layers += [nn.Linear(width, size), nn.ReLU()]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, outputs))


class Learner:
    def __init__(self, hidden, total_steps):
        self.actor = mlp(OBSERVATIONS, hidden, ACTIONS)
        self.log_std = nn.Parameter(torch.zeros(ACTIONS))
        self.critics = nn.ModuleList(mlp(OBSERVATIONS + ACTIONS, hidden, 1) for _ in range(2))
        self.targets = nn.ModuleList(mlp(OBSERVATIONS + ACTIONS, hidden, 1) for _ in range(2))
        self.targets.load_state_dict(self.critics.state_dict())
        self.value = mlp(OBSERVATIONS, hidden, 1)
        self.actor_adam = torch.optim.Adam([*self.actor.parameters(), self.log_std], lr=3e-4)
        self.critic_adam = torch.optim.Adam(self.critics.parameters(), lr=3e-4)
        self.value_adam = torch.optim.Adam(self.value.parameters(), lr=3e-4)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.actor_adam, total_steps)

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
        policy = torch.distributions.Normal(torch.tanh(self.actor(observations)), self.log_std.clamp(-5, 2).exp())
        actor_loss = -torch.mean(weights * policy.log_prob(actions).sum(-1))
        update(self.actor_adam, actor_loss)
        self.schedule.step()

        values = [critic(pairs).squeeze(-1) for critic in self.critics]
        critic_loss = sum(F.mse_loss(q, goal) for q in values)
        update(self.critic_adam, critic_loss)

        with torch.no_grad():
            for target, source in zip(self.targets.parameters(), self.critics.parameters()):
                target.lerp_(source, 0.005)
        return [
            loss.item() for loss in (value_loss, actor_loss, critic_loss, values[0].mean(), values[1].mean(), advantage.mean())
        ]


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 256])
    parser.add_argument("--batch-size", type=int, default=256)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    rows = 10_000
    columns = [
        torch.randn(rows, OBSERVATIONS),
        torch.rand(rows, ACTIONS) * 2 - 1,
        torch.randn(rows),
        torch.randn(rows, OBSERVATIONS),
        torch.ones(rows),
    ]
    learner = Learner(options.hidden, 1_000_000)

    def one():
        index = torch.randint(0, rows, (options.batch_size,))
        return learner.step(*(column[index] for column in columns))

    for _ in range(20):
        one()
    print(json.dumps({"ready": torch.__version__}), flush=True)
    for line in sys.stdin:
        count, start, cpu_start = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - start < float(line):
            one()
            count += 1
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
        print(json.dumps({"stepsPerSecond": count / seconds, "stepsPerCpuSecond": count / cpu_seconds}), flush=True)


if __name__ == "__main__":
    main()
