import { createHash } from 'node:crypto'
import { invariant } from '../../base/errors.ts'
import type { HostTensors, NumericArray } from '../../base/tensors.ts'
import type { Callable, CompileOptions, Engine } from '../engine.ts'
import type { Graph } from '../graph.ts'
import type { PureFunction } from '../program.ts'
import { traceFunction } from '../trace.ts'

type Arrays = Readonly<Record<string, NumericArray>>

/** Compiles functions that compute the same only once; every user binds parameters of its own. */
export class SharedFunctions {
  readonly #engine: Engine
  readonly #compiled = new Map<string, SharedFunction>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async compile(fn: PureFunction, options: CompileOptions): Promise<Callable> {
    const key = keyOf(fn, traceFunction(fn), options)
    const shared = this.#compiled.get(key) ?? new SharedFunction(this.#engine.compileFunction(fn, options))
    this.#compiled.set(key, shared)
    await shared.opened()
    return new BoundFunction(shared, () => this.#compiled.delete(key))
  }
}

/** Equal for functions with the same arguments that do the same: what they were made from does not matter. */
function keyOf(
  { params, inputs, outputs }: PureFunction,
  { nodes, outputs: ids }: Graph,
  options: CompileOptions
) {
  const hash = createHash('sha256').update(JSON.stringify([params, inputs, outputs, ids, options]))
  for (const { data, ...node } of nodes) {
    hash.update(JSON.stringify(node))
    if (data) hash.update(data)
  }
  return hash.digest('hex')
}

/** A compiled function and whose parameters it holds; calls come one after another. */
class SharedFunction {
  readonly #callable: Promise<Callable>
  #bound: HostTensors | null = null
  #last: Promise<unknown> = Promise.resolve()
  users = 0

  constructor(callable: Promise<Callable>) {
    this.#callable = callable
  }

  async opened(): Promise<void> {
    await this.#callable
    this.users++
  }

  call(params: HostTensors, inputs: Arrays): Promise<Arrays> {
    const turn = this.#last.then(async () => {
      const callable = await this.#callable
      if (this.#bound !== params) await callable.bind(params)
      this.#bound = params
      return callable.call(inputs)
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async close(): Promise<void> {
    await (await this.#callable).close()
  }
}

class BoundFunction implements Callable {
  readonly #shared: SharedFunction
  readonly #forget: () => void
  #params: HostTensors | null = null

  constructor(shared: SharedFunction, forget: () => void) {
    this.#shared = shared
    this.#forget = forget
  }

  async bind(params: HostTensors): Promise<void> {
    this.#params = params
  }

  async call(inputs: Arrays): Promise<Arrays> {
    const params = this.#params
    invariant(params, 'a function was called before its parameters were bound')
    return this.#shared.call(params, inputs)
  }

  async close(): Promise<void> {
    if (--this.#shared.users > 0) return
    this.#forget()
    await this.#shared.close()
  }
}
