"""IQL and behaviour cloning in JAX, 8 updates in one jitted call: same sizes, order and optimisers as the steps we compile.

As fast users write it: data on the device, state donated, rows drawn by numpy, losses of all 8 updates fetched once a call.
Needs jax.
"""

import os
import time

from common import ACTIONS, OBSERVATIONS, ROWS, Windows, made_up_data, only_answers_on_stdout, options

answers = only_answers_on_stdout()
chosen = options()
if chosen.threads == 1:
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}"

import jax
import numpy
from jax import numpy as jnp

UPDATES, TRIALS, TOTAL_STEPS = 8, 4, 1_000_000
RATE, POLYAK, DISCOUNT, EXPECTILE, TEMPERATURE = 3e-4, 0.005, 0.99, 0.7, 3.0
draw = numpy.random.default_rng(0)


def mlp(inputs, outputs):
    sizes = [inputs, *chosen.hidden, outputs]
    return [
        (draw.standard_normal((m, n), "float32") / m**0.5, numpy.zeros(n, "float32")) for m, n in zip(sizes, sizes[1:])
    ]


def apply(layers, x):
    for kernel, bias in layers[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = layers[-1]
    return x @ kernel + bias


def log_likelihood(actor, observations, actions):
    mean, log_std = jnp.tanh(apply(actor["net"], observations)), jnp.clip(actor["log_std"], -5, 2)
    return jnp.sum(-0.5 * ((actions - mean) / jnp.exp(log_std)) ** 2 - log_std - 0.9189385, 1)


def adam(params, gradients, moments, step, rate=RATE):
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradients)
    a, b = rate / (1 - 0.9**step), 1 / (1 - 0.999**step)
    new = jax.tree.map(lambda p, m, v: p - a * m / (jnp.sqrt(v * b) + 1e-8), params, first, second)
    return new, (first, second)


def zeros(params):
    return jax.tree.map(numpy.zeros_like, params)


def new_policy():
    return {"net": mlp(OBSERVATIONS, ACTIONS), "log_std": numpy.zeros(ACTIONS, "float32")}


def new_cloning():
    actor = new_policy()
    return {"actor": actor, "moments": (zeros(actor), zeros(actor)), "step": numpy.float32(0)}


def cloning_step(state, batch):
    observations, actions, *_ = batch
    step = state["step"] + 1
    loss, gradients = jax.value_and_grad(lambda actor: -jnp.mean(log_likelihood(actor, observations, actions)))(
        state["actor"]
    )
    actor, moments = adam(state["actor"], gradients, state["moments"], step)
    return {"actor": actor, "moments": moments, "step": step}, jnp.stack([loss])


def new_implicit_q():
    value, critics, actor = (
        mlp(OBSERVATIONS, 1),
        [mlp(OBSERVATIONS + ACTIONS, 1) for _ in range(2)],
        new_policy(),
    )
    state = {"value": value, "critics": critics, "targets": jax.tree.map(numpy.copy, critics), "actor": actor}
    moments = {name: (zeros(state[name]), zeros(state[name])) for name in ("value", "critics", "actor")}
    return {**state, "moments": moments, "step": numpy.float32(0)}


def implicit_q_step(state, batch):
    observations, actions, rewards, next_observations, non_terminal = batch
    step, moments = state["step"] + 1, state["moments"]
    pairs = jnp.concatenate([observations, actions], 1)
    both = lambda critics: [apply(critic, pairs)[:, 0] for critic in critics]
    target_q = jnp.minimum(*both(state["targets"]))

    def value_loss(value):
        difference = target_q - apply(value, observations)[:, 0]
        return jnp.mean(jnp.abs(EXPECTILE - (difference < 0)) * difference**2)

    loss_v, gradients = jax.value_and_grad(value_loss)(state["value"])
    value, value_moments = adam(state["value"], gradients, moments["value"], step)
    advantage = target_q - apply(value, observations)[:, 0]
    weights = jnp.minimum(jnp.exp(TEMPERATURE * advantage), 100.0)

    loss_actor, gradients = jax.value_and_grad(
        lambda actor: -jnp.mean(weights * log_likelihood(actor, observations, actions))
    )(state["actor"])
    rate = RATE * 0.5 * (1 + jnp.cos(jnp.pi * state["step"] / TOTAL_STEPS))
    actor, actor_moments = adam(state["actor"], gradients, moments["actor"], step, rate)

    goal = rewards + DISCOUNT * non_terminal * apply(value, next_observations)[:, 0]

    def critic_loss(critics):
        values = both(critics)
        return sum(jnp.mean((q - goal) ** 2) for q in values), values

    (loss_q, values), gradients = jax.value_and_grad(critic_loss, has_aux=True)(state["critics"])
    critics, critic_moments = adam(state["critics"], gradients, moments["critics"], step)
    targets = jax.tree.map(lambda old, new: old + POLYAK * (new - old), state["targets"], critics)
    moments = {"value": value_moments, "critics": critic_moments, "actor": actor_moments}
    state = {"value": value, "critics": critics, "targets": targets, "actor": actor, "moments": moments, "step": step}
    return state, jnp.stack([loss_v, loss_actor, loss_q, values[0].mean(), values[1].mean(), advantage.mean()])


new, one = (new_implicit_q, implicit_q_step) if chosen.algorithm == "iql" else (new_cloning, cloning_step)


def unrolled(state, data, rows):
    metrics = []
    for i in range(UPDATES):
        state, losses = one(state, [column[rows[i]] for column in data])
        metrics.append(losses)
    return state, jnp.stack(metrics)


def scanned(state, data, rows):
    return jax.lax.scan(lambda state, row: one(state, [column[row] for column in data]), state, rows)


data, state = jax.device_put(made_up_data(numpy)), jax.device_put(new())


def call(form):
    global state
    rows = draw.integers(0, ROWS, (UPDATES, chosen.batch_size), "int32")
    state, metrics = form(state, data, rows)
    return numpy.asarray(metrics)


def seconds_of(form):
    start = time.perf_counter()
    call(form)
    return time.perf_counter() - start


# Which form is faster depends on sizes and threads, so both are tried.
forms = {form.__name__: jax.jit(form, donate_argnums=0) for form in (unrolled, scanned)}
for form in forms.values():
    call(form)
trials = {name: [] for name in forms}
for _ in range(TRIALS):
    for name, form in forms.items():
        trials[name].append(seconds_of(form))
fastest = min(trials, key=lambda name: min(trials[name]))

windows = Windows(answers, f"JAX {jax.__version__}, {fastest}")
while True:
    assert numpy.isfinite(call(forms[fastest])).all()
    windows.count(UPDATES)
