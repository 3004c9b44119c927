import type { HostTensors } from '../../base/tensors.ts'
import { checkRequest, checkTensors, checkColumns, type Columns } from '../check.ts'
import type { RunRequest, RunResult, Session } from '../engine.ts'
import type { Program } from '../program.ts'

/** What a lane has asked for and how much of it is done. */
export interface Asked {
  readonly request: RunRequest
  done: number
  readonly parts: RunResult[]
  readonly resolve: (result: RunResult) => void
  readonly reject: (error: unknown) => void
}

/** What a lane needs from its group. */
export interface LaneHost {
  /** Something changed: perhaps all lanes are ready for the next call. */
  ready(): void
  /** A copy of this lane's part of the state. */
  read(lane: LaneSession): Promise<HostTensors>
  /** A session of this lane's program alone, with its columns; the lane is then no longer in the group. */
  alone(lane: LaneSession): Promise<Session>
  left(lane: LaneSession): Promise<void>
}

/** One lane of a group as a session of its own: its calls wait until all other lanes have asked for steps too. */
export class LaneSession implements Session {
  readonly program: Program
  readonly #host: LaneHost
  /** A state that waits for the group to take it in. */
  pending: HostTensors | null = null
  columns: Columns = {}
  columnsChanged = false
  asked: Asked | null = null
  #rows = 0
  #alone: Promise<Session> | null = null

  constructor(program: Program, host: LaneHost) {
    this.program = program
    this.#host = host
  }

  /** From now on the lane runs by itself. */
  separate(): Promise<Session> {
    this.#alone ??= this.#host.alone(this)
    return this.#alone
  }

  async load(state: HostTensors): Promise<void> {
    if (this.#alone) return (await this.#alone).load(state)
    checkTensors('the state', this.program.state, state)
    this.pending = state
  }

  async setColumns(columns: Columns): Promise<void> {
    this.#rows = checkColumns(this.program, columns)
    this.columns = columns
    this.columnsChanged = true
    if (this.#alone) await (await this.#alone).setColumns(columns)
  }

  async run(request: RunRequest): Promise<RunResult> {
    if (this.#alone) return (await this.#alone).run(request)
    checkRequest(this.program, this.#rows, request)
    return new Promise((resolve, reject) => {
      this.asked = { request, done: 0, parts: [], resolve, reject }
      this.#host.ready()
    })
  }

  async read(): Promise<HostTensors> {
    if (this.#alone) return (await this.#alone).read()
    return this.pending ?? this.#host.read(this)
  }

  async close(): Promise<void> {
    if (this.#alone) await (await this.#alone.catch(() => null))?.close()
    await this.#host.left(this)
  }
}
